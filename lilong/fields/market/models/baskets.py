"""What somebody is about to order, and what shall be done if something of an order is missing."""

from django.db import models

WISHES = ("match", "ask", "refund")


class Basket(models.Model):
    """A person's basket, or (`person` empty) that of a browser nobody has signed in with yet."""

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField(null=True, unique=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["changed_at"], name="market_basket_left", condition=models.Q(person__isnull=True))
        ]


class BasketLine(models.Model):
    """An offer in a basket: how many pieces or grams, and the `price` it was put in at (minor units per its `per`)."""

    pk = models.CompositePrimaryKey("basket_id", "offer")
    basket = models.ForeignKey(Basket, models.CASCADE, related_name="lines")
    offer = models.UUIDField()
    quantity = models.IntegerField()
    price = models.BigIntegerField()
    wish = models.CharField(max_length=6, default="match")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="market_basket_line_of_something"),
            models.CheckConstraint(condition=models.Q(wish__in=WISHES), name="market_basket_wish"),
        ]


class LineWish(models.Model):
    """What the buyer wants if line `n` of an order is missing: the best match, to be asked, or his money back."""

    pk = models.CompositePrimaryKey("order", "n")
    order = models.UUIDField()
    n = models.SmallIntegerField()
    wish = models.CharField(max_length=6)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(wish__in=WISHES), name="market_wish_known")]
