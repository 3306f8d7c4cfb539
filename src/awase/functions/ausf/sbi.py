"""The service of an AUSF, as served: Nausf_UEAuthentication (TS 29.509)."""

from functools import partial
from typing import TYPE_CHECKING

from awase.functions.ausf.procedures import auth_events, five_g_aka_confirmation
from awase.functions.ausf.procedures.eap_session import eap_session
from awase.functions.ausf.procedures.ue_authentication import ue_authentication
from awase.protocols.sbi import nausf_ue_authentication as nausf
from awase.protocols.sbi.entity import Server

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf


def serve(ausf: "Ausf", server: Server) -> None:
    """Add the operations of TS 29.509 clause 6.1.3."""
    server.body_route("POST", nausf.UE_AUTHENTICATIONS, nausf.AuthenticationInfo, partial(ue_authentication, ausf))
    server.body_route(
        "PUT",
        nausf.FIVE_G_AKA_CONFIRMATION,
        nausf.ConfirmationData,
        partial(five_g_aka_confirmation.confirm, ausf),
    )
    server.body_route("POST", nausf.EAP_SESSION, nausf.EapSession, partial(eap_session, ausf))
    for resource in (nausf.FIVE_G_AKA_CONFIRMATION, nausf.EAP_SESSION):
        server.route("DELETE", resource, partial(auth_events.delete, ausf))
