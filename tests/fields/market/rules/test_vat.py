import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import credit_code
from lilong.fields.market.rules.vat import Group, TaxLine, net_of, split, tax_of
from lilong.kernel.base.problems import Invalid

LINES = st.lists(st.builds(TaxLine, gross=st.integers(0, 10**7), percent=st.sampled_from([0, 6, 9, 13])), max_size=30)


def test_two_rates_in_one_basket():
    found = split([TaxLine(gross=1090, percent=9), TaxLine(gross=1130, percent=13), TaxLine(gross=2180, percent=9)])
    assert found.nets == (1000, 1000, 2000)
    assert found.groups == (Group(percent=9, taxable=3000, tax=270), Group(percent=13, taxable=1000, tax=130))
    assert (found.rounding, found.paid, found.net, found.tax) == (0, 4400, 4000, 400)


def test_a_total_no_pair_of_fen_makes_is_rounded_openly():
    assert {net + tax_of(net, 13) for net in range(10)} & {4} == set()
    found = split([TaxLine(gross=4, percent=13)])
    assert found.net + found.tax + found.rounding == 4
    assert abs(found.rounding) == 1


@given(LINES)
def test_every_total_is_exact(lines: list[TaxLine]):
    found = split(lines)
    assert found.net + found.tax + found.rounding == sum(line.gross for line in lines)
    assert abs(found.rounding) <= len(found.groups)
    for group in found.groups:
        assert group.taxable == sum(
            n for n, line in zip(found.nets, lines, strict=True) if line.percent == group.percent
        )
        assert group.tax == tax_of(group.taxable, group.percent)
    for net, line in zip(found.nets, lines, strict=True):
        assert abs(net - line.gross * 100 / (100 + line.percent)) <= 1.5


@given(st.integers(0, 10**9), st.sampled_from([0, 6, 9, 13]))
def test_the_net_is_the_nearest(gross: int, percent: int):
    best = net_of(gross, percent)
    off = abs(best + tax_of(best, percent) - gross)
    assert all(abs(n + tax_of(n, percent) - gross) >= off for n in range(max(0, best - 3), best + 4))


def test_a_credit_code_is_checked():
    code = "91310000MA1FL4B24" + credit_code.check_character("91310000MA1FL4B24")
    assert credit_code.require(code.lower()) == code
    # published codes: Alibaba (China) Co., Ltd.; Tencent Technology (Shenzhen) Co., Ltd.
    assert credit_code.require("91330100799655058B") == "91330100799655058B"
    assert credit_code.require("9144030071526726XG") == "9144030071526726XG"
    for bad, rule in (
        ("913301007996550588", "check-digit"),
        ("91330100", "length"),
        ("91330100799655058I", "characters"),
    ):
        with pytest.raises(Invalid) as error:
            credit_code.require(bad)
        assert error.value.violations[0].rule == rule
