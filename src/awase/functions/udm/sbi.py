"""The services of a UDM, as served: Nudm_UEAuthentication, Nudm_SDM, Nudm_UECM (TS 29.503)."""

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.functions.udm.procedures import (
    auth_events,
    data_restoration,
    registration,
    subscription,
    subscription_change,
)
from awase.functions.udm.procedures.generate_auth_data import generate_auth_data
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudm_sdm, nudm_ue_authentication, nudm_uecm, nudr_dr
from awase.protocols.sbi.data_types import PlmnId
from awase.protocols.sbi.entity import Call, Server, upstream_problem
from awase.protocols.sbi.messages import JSON, MERGE_PATCH, Request, Response
from awase.protocols.sbi.nudm_sdm import PduSession, SdmSubscription, UeContextInSmfData
from awase.protocols.sbi.nudm_uecm import SmfRegistration, SmfRegistrationInfo
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.udm.part import Udm


class Services:
    """The resources of one UDM."""

    def __init__(self, udm: "Udm", server: Server) -> None:
        self._udm = udm
        self._serve_authentication(server)
        self._serve_subscription_data(server)
        self._serve_context_management(server)
        server.body_route(
            "POST", nudr_dr.DATA_CHANGE_NOTIFY, nudr_dr.DataChangeNotify, partial(subscription_change.notified, udm)
        )
        server.body_route(
            "POST",
            nudr_dr.DATA_RESTORATION_NOTIFY,
            nudm_uecm.DataRestorationNotification,
            partial(data_restoration.notified, udm),
        )

    def _serve_authentication(self, server: Server) -> None:
        udm = self._udm
        server.body_route(
            "POST",
            nudm_ue_authentication.GENERATE_AUTH_DATA,
            nudm_ue_authentication.AuthenticationInfoRequest,
            partial(generate_auth_data, udm),
        )
        server.body_route(
            "POST",
            nudm_ue_authentication.AUTH_EVENTS,
            nudm_ue_authentication.AuthEvent,
            partial(auth_events.confirm, udm),
        )
        server.body_route(
            "PUT",
            nudm_ue_authentication.AUTH_EVENT,
            nudm_ue_authentication.AuthEvent,
            partial(auth_events.remove, udm),
        )

    def _serve_subscription_data(self, server: Server) -> None:
        udm = self._udm
        for template, resource, kept in (
            (nudm_sdm.DATA_SETS, nudr_dr.PROVISIONED_DATA, ("dataset-names",)),
            (nudm_sdm.AM_DATA, nudr_dr.AM_DATA, ()),
            (nudm_sdm.SMF_SELECT_DATA, nudr_dr.SMF_SELECTION_SUBSCRIPTION_DATA, ()),
            (nudm_sdm.SM_DATA, nudr_dr.SM_DATA, ("single-nssai", "dnn")),
        ):
            server.route("GET", template, partial(self._get_provisioned, resource, kept))
        server.route("GET", nudm_sdm.NSSAI, self._get_nssai)
        server.route("GET", nudm_sdm.UE_CONTEXT_IN_SMF_DATA, self._get_ue_context_in_smf_data)
        server.body_route("POST", nudm_sdm.SDM_SUBSCRIPTIONS, SdmSubscription, partial(subscription.subscribe, udm))
        server.route("DELETE", nudm_sdm.SDM_SUBSCRIPTION, partial(subscription.unsubscribe, udm))

    def _serve_context_management(self, server: Server) -> None:
        udm = self._udm
        server.body_route(
            "PUT",
            nudm_uecm.AMF_3GPP_ACCESS,
            nudm_uecm.Amf3GppAccessRegistration,
            partial(registration.register_amf, udm),
        )
        server.body_route(
            "PATCH",
            nudm_uecm.AMF_3GPP_ACCESS,
            nudm_uecm.Amf3GppAccessRegistrationModification,
            partial(registration.modify_amf, udm),
            types=(MERGE_PATCH, JSON),
        )
        server.route("GET", nudm_uecm.AMF_3GPP_ACCESS, self._get_amf_3gpp_access)
        server.route("GET", nudm_uecm.SMF_REGISTRATIONS, self._get_smf_registrations)
        server.body_route(
            "PUT",
            nudm_uecm.SMF_REGISTRATION,
            SmfRegistration,
            partial(registration.register_smf, udm),
        )
        server.route("DELETE", nudm_uecm.SMF_REGISTRATION, partial(registration.deregister_smf, udm))

    # Nudm_SDM (TS 29.503 clause 5.2).

    def _get_provisioned(self, resource: str, kept: tuple[str, ...], call: Call) -> Procedure[Response]:
        query = call.query()
        plmn = self._serving_plmn(query.get("plmn-id"))
        if plmn is None:
            return codec.problem(400, "OPTIONAL_QUERY_PARAM_INCORRECT", "plmn-id is no PLMN")
        path = subscription.at_udr(resource, call.params["supi"]).replace("{servingPlmnId}", plmn)
        pairs = [f"{name}={quote(query[name], safe='')}" for name in kept if name in query]
        if pairs:
            path += "?" + "&".join(pairs)
        answer = yield from self._udm.ask_udr(Request("GET", path))
        if not isinstance(answer, Response) or not answer.ok:
            return upstream_problem(answer, "UDR")
        return codec.json_response(200, answer.body)

    def _serving_plmn(self, text: str | None) -> str | None:
        if text is None:
            return self._udm.home_plmn
        try:
            plmn = codec.decode(PlmnId, text.encode())
        except DecodeError:
            return None
        return plmn.mcc + plmn.mnc

    def _get_nssai(self, call: Call) -> Procedure[Response]:
        answer = yield from self._get_provisioned(nudr_dr.AM_DATA, (), call)
        if not answer.ok:
            return answer
        try:
            data = codec.decode(nudm_sdm.AccessAndMobilitySubscriptionData, answer.body)
        except DecodeError:
            return codec.problem(500, "UNSPECIFIED_NF_FAILURE", "the UDR's data cannot be read")
        if data.nssai is None:
            return codec.problem(404, "DATA_NOT_FOUND", "no S-NSSAI is subscribed to")
        return codec.json_response(200, data.nssai)

    def _get_ue_context_in_smf_data(self, call: Call) -> Procedure[Response]:
        registrations = yield from self._smf_registrations(call.params["supi"])
        if isinstance(registrations, Response):
            return registrations
        sessions = {
            str(item.pdu_session_id): PduSession(
                dnn=item.dnn or "",
                smf_instance_id=item.smf_instance_id,
                plmn_id=item.plmn_id,
                single_nssai=item.single_nssai,
            )
            for item in registrations
        }
        return codec.json_response(200, UeContextInSmfData(pdu_sessions=sessions or None))

    # Nudm_UECM (clause 5.3); what changes a registration is in procedures.

    def _get_amf_3gpp_access(self, call: Call) -> Procedure[Response]:
        path = nudr_dr.AMF_3GPP_ACCESS.replace("{ueId}", quote(call.params["ueId"], safe="-"))
        answer = yield from self._udm.ask_udr(Request("GET", path))
        if not isinstance(answer, Response) or not answer.ok:
            return upstream_problem(answer, "UDR")
        return codec.json_response(200, answer.body)

    def _get_smf_registrations(self, call: Call) -> Procedure[Response]:
        registrations = yield from self._smf_registrations(call.params["ueId"])
        if isinstance(registrations, Response):
            return registrations
        return codec.json_response(200, SmfRegistrationInfo(smf_registration_list=registrations))

    def _smf_registrations(self, ue_id: str) -> Procedure[tuple[SmfRegistration, ...] | Response]:
        path = nudr_dr.SMF_REGISTRATIONS.replace("{ueId}", quote(ue_id, safe="-"))
        answer = yield from self._udm.ask_udr(Request("GET", path))
        if not isinstance(answer, Response):
            return upstream_problem(answer, "UDR")
        if answer.status == 404 and codec.problem_details(answer).cause == "DATA_NOT_FOUND":
            return ()
        if not answer.ok:
            return upstream_problem(answer, "UDR")
        try:
            return codec.decode(tuple[SmfRegistration, ...], answer.body)
        except DecodeError:
            return codec.problem(500, "UNSPECIFIED_NF_FAILURE", "the UDR's data cannot be read")
