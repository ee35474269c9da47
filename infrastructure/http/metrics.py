"""What is counted, for Prometheus: requests by route, the lanes, and how far the ledger's parts are behind."""

import math
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from infrastructure.http.lanes import Lanes
from infrastructure.verification.remembered import Last

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server process."""

    def __init__(self, lanes: Lanes) -> None:
        self.registry = CollectorRegistry()
        self._running = Gauge("accessledger_requests_running", "Requests under way", registry=self.registry)
        self._requests = Counter(
            "accessledger_requests", "Requests that are over", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "accessledger_request_seconds", "How long they took", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self._behind = Gauge(
            "accessledger_projections_behind", "Positions that are not kept yet", registry=self.registry
        )
        self._position = Gauge("accessledger_position", "The last settled position", registry=self.registry)
        self._verified = Gauge(
            "accessledger_last_verified_seconds",
            "Seconds since the last verification; infinite when there was none",
            registry=self.registry,
        )
        self._faults = Gauge(
            "accessledger_verification_faults", "What the last verification found", registry=self.registry
        )
        self.registry.register(_LaneLoads(lanes))

    def begun(self) -> None:
        """A request has come in."""
        self._running.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request is over; `route` is its pattern, so that ids in paths make no new series."""
        self._running.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def written(self, position: int, kept: int, verified: Last | None) -> bytes:
        """Everything, as Prometheus reads it: where the ledger stands, what is kept, and when it was verified."""
        self._position.set(position)
        self._behind.set(position - kept)
        self._verified.set(verified.age.total_seconds() if verified is not None else math.inf)
        self._faults.set(len(verified.broken) if verified is not None else 0)
        return generate_latest(self.registry)


class _LaneLoads(Collector):
    """How full each lane is at the moment of the asking."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    def collect(self) -> Iterator[GaugeMetricFamily]:
        running = GaugeMetricFamily("accessledger_lane_running", "Threads at work", labels=["lane"])
        waiting = GaugeMetricFamily("accessledger_lane_waiting", "Work that waits", labels=["lane"])
        for lane in self._lanes.all():
            now_running, now_waiting = lane.load()
            running.add_metric([lane.name], now_running)
            waiting.add_metric([lane.name], now_waiting)
        yield running
        yield waiting
