"""PFCP Node Report (TS 29.244 clauses 6.2.9 and 7.4.5)."""

from awase.functions.upf.context import Association
from awase.functions.upf.core import Core
from awase.model.machine import Procedure
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import NodeReportType, RemoteGtpUPeer


def user_plane_path_failure(core: Core, association: Association, address: str) -> Procedure[None]:
    """Tell an SMF that a GTP-U peer is silent."""
    request = m.NodeReportRequest(
        node_id=core.node_id,
        node_report_type=NodeReportType.UPFR,
        user_plane_path_failure_report=m.UserPlanePathReport(remote_gtp_u_peer=(RemoteGtpUPeer(ipv4_address=address),)),
    )
    response = yield from core.pfcp.ask(association.peer, request)
    if response is None:
        core.report(
            "ReportUnanswered",
            f"the SMF {association.peer} did not answer a node report",
            level="warning",
            subject=association.node,
        )
