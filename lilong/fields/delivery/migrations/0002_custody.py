"""Custody is a chain that the database itself keeps: who gives is who has; the parcel names its last receiver."""

from django.db import migrations

from lilong.kernel.base.append_only import append_only

_CHAIN = """
ALTER TABLE delivery_handover ADD CONSTRAINT delivery_hand_over_from_holder
  FOREIGN KEY (parcel_id, before, from_kind, from_holder)
  REFERENCES delivery_handover (parcel_id, n, to_kind, to_holder);
ALTER TABLE delivery_parcel ADD CONSTRAINT delivery_parcel_with_its_holder
  FOREIGN KEY (id, n, holder_kind, holder)
  REFERENCES delivery_handover (parcel_id, n, to_kind, to_holder) DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION delivery_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.n > 0 THEN
    UPDATE delivery_parcel SET n = NEW.n, holder_kind = NEW.to_kind, holder = NEW.to_holder
    WHERE id = NEW.parcel_id AND n = NEW.before;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'parcel % is not at hand-over %', NEW.parcel_id, NEW.before
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER delivery_hand_over_moves AFTER INSERT ON delivery_handover
  FOR EACH ROW EXECUTE FUNCTION delivery_moved();
"""
_BACK = """
DROP TRIGGER delivery_hand_over_moves ON delivery_handover;
DROP FUNCTION delivery_moved();
ALTER TABLE delivery_parcel DROP CONSTRAINT delivery_parcel_with_its_holder;
ALTER TABLE delivery_handover DROP CONSTRAINT delivery_hand_over_from_holder;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]
    operations = [
        migrations.RunSQL(_CHAIN, _BACK),
        append_only("delivery_handover"),
        append_only("delivery_attempt"),
        append_only("delivery_proof"),
    ]
