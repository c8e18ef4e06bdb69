"""`GET /v1/clusters`: what is taught, by whom, in which state."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from vedder_api.deps import Healths, Newest
from vedder_api.overview import cluster_list, cluster_page, health_page
from vedder_api.pages import ClusterList, ClusterPage, HealthPage
from vedder_api.routes.shapes import answered, documented

router = APIRouter(prefix="/v1/clusters", tags=["clusters"])

Named = Annotated[str, Path(description="Name of a cluster, as `GET /v1/clusters` gives it.")]
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE


@router.get(
    "",
    summary="List the clusters",
    response_class=Response,
    responses=documented(ClusterList, "All clusters with owner, size and health.", UNAVAILABLE),
)
def clusters(snapshot: Newest, healths: Healths) -> Response:
    """Every cluster of the newest context, by name."""
    return answered(cluster_list(snapshot, healths))


@router.get(
    "/{name}",
    summary="Show a cluster",
    response_class=Response,
    responses=documented(
        ClusterPage, "Its datasets, pairs (broken ones with the reason), docs.", HTTPStatus.NOT_FOUND, UNAVAILABLE
    ),
)
def cluster(name: Named, snapshot: Newest, healths: Healths) -> Response:
    """Everything that is taught in one cluster, and the state that it is in."""
    return answered(cluster_page(snapshot, healths, name))


@router.get(
    "/{name}/health",
    summary="Show a cluster's health",
    response_class=Response,
    responses=documented(
        HealthPage, "Its latest readings with actions, and its course.", HTTPStatus.NOT_FOUND, UNAVAILABLE
    ),
)
def health(name: Named, snapshot: Newest, healths: Healths) -> Response:
    """The latest health with evidence and actions, and the scores so far, oldest first."""
    return answered(health_page(snapshot, healths, name))
