"""What buyers say of what they bought."""

from django.db import models

from lilong.fields.market.models.products import Product

REPORT_REASONS = ("abuse", "untrue", "advert", "private")


class Review(models.Model):
    """One buyer's review of a product; written anew when edited. `hidden_at`: taken down by the city's operators."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="reviews", db_index=False)
    buyer = models.UUIDField()
    stars = models.SmallIntegerField()
    text = models.CharField(max_length=2000, blank=True)
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reply = models.CharField(max_length=1000, blank=True)
    replied_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "buyer"], name="market_review_once"),
            models.CheckConstraint(condition=models.Q(stars__range=(1, 5)), name="market_review_stars"),
        ]
        indexes = [models.Index(fields=["product", "changed_at"], name="market_review_of_product")]


class ReviewReport(models.Model):
    """Somebody finds a review abusive. One a reader."""

    pk = models.CompositePrimaryKey("review_id", "reporter")
    review = models.ForeignKey(Review, models.CASCADE, related_name="reports")
    reporter = models.UUIDField()
    reason = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(reason__in=REPORT_REASONS), name="market_report_why")]
