"""What is counted about live topics, for /metrics."""

from prometheus_client import Counter, Gauge

connections = Gauge("lilong_live_connections", "Open WebSockets", multiprocess_mode="livesum")
watches = Gauge("lilong_live_watches", "Topics watched, each watcher counted", multiprocess_mode="livesum")
published = Counter("lilong_live_published", "Messages published by this process")
dropped = Counter("lilong_live_dropped", "Messages dropped, by where", ["where"])
