"""Nausf_UEAuthentication, 5G AKA: the answer to the challenge (TS 33.501 clause 6.1.3.2.0 steps 10 to 12)."""

import hmac
from typing import TYPE_CHECKING

from awase.functions.ausf.context import Authentication
from awase.functions.ausf.procedures import auth_events
from awase.model.machine import Procedure
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nausf_ue_authentication import (
    FAILURE,
    SUCCESS,
    ConfirmationData,
    ConfirmationDataResponse,
)

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf


def confirm(ausf: "Ausf", call: Call, body: ConfirmationData) -> Procedure[Response]:
    """Compare RES*, tell the UDM how it ended, give K_SEAF and SUPI to whom it succeeded."""
    context_id = call.params["authCtxId"]
    authentication = ausf.authentications.take(context_id, ausf.now_ns, Authentication)
    if authentication is None:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "no such authentication, or it took too long")
    res_star = None if body.res_star is None else bytes.fromhex(body.res_star)
    success = res_star is not None and hmac.compare_digest(res_star, authentication.xres_star)
    if not success:
        _explain(ausf, authentication, res_star)
    confirmed = yield from auth_events.tell(
        ausf, authentication.supi, authentication.serving_network_name, "5G_AKA", success=success
    )
    if not success:
        return codec.json_response(200, ConfirmationDataResponse(auth_result=FAILURE))
    ausf.authentications.confirm(context_id, confirmed)
    return codec.json_response(
        200,
        ConfirmationDataResponse(auth_result=SUCCESS, supi=authentication.supi, kseaf=authentication.k_seaf.hex()),
    )


def _explain(ausf: "Ausf", authentication: Authentication, res_star: bytes | None) -> None:
    supi = authentication.supi
    if res_star is None:
        text = (
            f"{supi} gave no RES*: it did not take the AUTN. Where its failure was a wrong MAC, its K or OPc "
            "is not the subscription's; a frequent reason is an OP that was given as OPc"
        )
    else:
        text = (
            f"the RES* of {supi} is wrong though it took the AUTN: it computed it with another serving "
            f"network name than {authentication.serving_network_name}, or does not hold the K"
        )
    ausf.report("AuthenticationFailed", text, level="warning", subject=supi)
