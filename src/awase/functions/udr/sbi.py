"""Nudr_DataRepository for subscription data, as served (TS 29.504 clause 5.2, TS 29.505 clause 5.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from awase.functions.udr import json_patch
from awase.functions.udr.context import SubscriberContext
from awase.protocols.sbi import codec, nudr_dr
from awase.protocols.sbi.data_types import PatchItem, Snssai
from awase.protocols.sbi.entity import Call, Server
from awase.protocols.sbi.messages import JSON_PATCH, Response
from awase.protocols.sbi.nudm_sdm import SdmSubscription, SubscriptionDataSets
from awase.protocols.sbi.nudm_ue_authentication import AuthEvent
from awase.protocols.sbi.nudm_uecm import Amf3GppAccessRegistration, SmfRegistration
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.udr.part import Udr

MAX_BODY_OCTETS = 8 << 10
_MAX_SMF_REGISTRATIONS = 32
_MAX_SDM_SUBSCRIPTIONS = 32
"""Of one subscriber each."""
_NO_CONTENT = Response(204)
_DATA_SETS = ("AM", "SMF_SEL", "SM")

Found = Callable[[Call, SubscriberContext], Response]


class DataRepository:
    """The resources of one UDR."""

    def __init__(self, udr: "Udr", server: Server) -> None:
        self._udr = udr
        for method, template, handler in (
            ("GET", nudr_dr.AUTHENTICATION_SUBSCRIPTION, self._get_authentication_subscription),
            ("GET", nudr_dr.AUTHENTICATION_STATUS, self._get_authentication_status),
            ("DELETE", nudr_dr.AUTHENTICATION_STATUS, self._delete_authentication_status),
            ("GET", nudr_dr.PROVISIONED_DATA, self._get_data_sets),
            ("GET", nudr_dr.AM_DATA, self._get_am_data),
            ("GET", nudr_dr.SMF_SELECTION_SUBSCRIPTION_DATA, self._get_smf_selection),
            ("GET", nudr_dr.SM_DATA, self._get_sm_data),
            ("GET", nudr_dr.AMF_3GPP_ACCESS, self._get_amf_3gpp_access),
            ("GET", nudr_dr.SMF_REGISTRATIONS, self._get_smf_registrations),
            ("GET", nudr_dr.SMF_REGISTRATION, self._get_smf_registration),
            ("DELETE", nudr_dr.SMF_REGISTRATION, self._delete_smf_registration),
            ("GET", nudr_dr.SDM_SUBSCRIPTIONS, self._get_sdm_subscriptions),
            ("GET", nudr_dr.SDM_SUBSCRIPTION, self._get_sdm_subscription),
            ("DELETE", nudr_dr.SDM_SUBSCRIPTION, self._delete_sdm_subscription),
        ):
            # What serves a subscriber who is none any more can still be found, and ended.
            server.route(method, template, self._of_subscriber(handler, "/context-data/" in template))
        patch = (JSON_PATCH,)
        server.body_route(
            "PATCH",
            nudr_dr.AUTHENTICATION_SUBSCRIPTION,
            tuple[PatchItem, ...],
            self._patch_authentication_subscription,
            types=patch,
        )
        server.body_route("PUT", nudr_dr.AUTHENTICATION_STATUS, AuthEvent, self._put_authentication_status)
        server.body_route("PUT", nudr_dr.AMF_3GPP_ACCESS, Amf3GppAccessRegistration, self._put_amf_3gpp_access)
        server.body_route(
            "PATCH",
            nudr_dr.AMF_3GPP_ACCESS,
            tuple[PatchItem, ...],
            self._patch_amf_3gpp_access,
            types=patch,
        )
        server.body_route("PUT", nudr_dr.SMF_REGISTRATION, SmfRegistration, self._put_smf_registration)
        server.body_route("POST", nudr_dr.SDM_SUBSCRIPTIONS, SdmSubscription, self._post_sdm_subscription)

    def _of_subscriber(self, handler: Found, context_data: bool) -> Callable[[Call], Response]:
        def handle(call: Call) -> Response:
            context = self._udr.subscribers.get(call.params["ueId"])
            if context is None or (context.withdrawn and not context_data):
                return self._user_not_found(call)
            return handler(call, context)

        return handle

    def _user_not_found(self, call: Call) -> Response:
        supi = call.params["ueId"][:80]
        self._udr.report(
            "UnknownSubscriber",
            f"{supi} is none of the subscribers of {self._udr.name}",
            level="warning",
            subject=supi,
            config="subscribers",
        )
        return codec.problem(404, "USER_NOT_FOUND", f"{supi} is no subscriber")

    # Authentication data (TS 29.505 clause 5.2.2 and 5.2.3).

    def _get_authentication_subscription(self, _call: Call, context: SubscriberContext) -> Response:
        return codec.json_response(200, context.authentication_subscription())

    def _patch_authentication_subscription(self, call: Call, operations: tuple[PatchItem, ...]) -> Response:
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None:
            return self._user_not_found(call)
        old = codec.encode(context.authentication_subscription())
        try:
            patched = json_patch.apply(old, operations)
        except json_patch.PatchConflict as error:
            return codec.problem(409, "MODIFICATION_NOT_ALLOWED", str(error))
        except DecodeError as error:
            return codec.problem(400, "INVALID_MSG_FORMAT", str(error))
        sqn = _changed_sqn(old, patched)
        if sqn is None:
            # What else a subscription holds is the operator's to provision.
            return codec.problem(403, "MODIFICATION_NOT_ALLOWED", "only sequenceNumber may be changed")
        return _NO_CONTENT if self._udr.keep_sqn(context, sqn) else _not_stored()

    def _get_authentication_status(self, _call: Call, context: SubscriberContext) -> Response:
        return _stored(context.authentication_status)

    def _put_authentication_status(self, call: Call, _event: AuthEvent) -> Response:
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None:
            return self._user_not_found(call)
        context.authentication_status = call.request.body
        return _NO_CONTENT

    def _delete_authentication_status(self, _call: Call, context: SubscriberContext) -> Response:
        context.authentication_status = None
        return _NO_CONTENT

    # Provisioned data (clause 5.2.4 to 5.2.9).

    def _get_data_sets(self, call: Call, context: SubscriberContext) -> Response:
        names = [name for name in call.query().get("dataset-names", ",".join(_DATA_SETS)).split(",") if name]
        if not any(name in _DATA_SETS for name in names):
            return codec.problem(404, "DATA_NOT_FOUND", "none of these data sets is kept here")
        return codec.json_response(
            200,
            SubscriptionDataSets(
                am_data=context.am_data() if "AM" in names else None,
                smf_sel_data=context.smf_selection_subscription_data() if "SMF_SEL" in names else None,
                sm_data=tuple(context.sm_data(None, None)) if "SM" in names else None,
            ),
        )

    def _get_am_data(self, _call: Call, context: SubscriberContext) -> Response:
        return codec.json_response(200, context.am_data())

    def _get_smf_selection(self, _call: Call, context: SubscriberContext) -> Response:
        return codec.json_response(200, context.smf_selection_subscription_data())

    def _get_sm_data(self, call: Call, context: SubscriberContext) -> Response:
        query = call.query()
        text = query.get("single-nssai")
        try:
            snssai = None if text is None else codec.decode(Snssai, text.encode())
        except codec.BodyError as error:
            return codec.problem(400, "OPTIONAL_QUERY_PARAM_INCORRECT", f"single-nssai: {error.what[:200]}")
        data = context.sm_data(snssai, query.get("dnn"))
        if not data:
            return codec.problem(404, "DATA_NOT_FOUND", "not subscribed to this S-NSSAI and DNN")
        return codec.json_response(200, data)

    # Context data (clause 5.2.11 to 5.2.15).

    def _get_amf_3gpp_access(self, _call: Call, context: SubscriberContext) -> Response:
        return _stored(context.amf_3gpp_access)

    def _put_amf_3gpp_access(self, call: Call, _registration: Amf3GppAccessRegistration) -> Response:
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None:
            return self._user_not_found(call)
        created = context.amf_3gpp_access is None
        return _put_answer(call, created) if self._udr.keep_amf(context, call.request.body) else _not_stored()

    def _patch_amf_3gpp_access(self, call: Call, operations: tuple[PatchItem, ...]) -> Response:
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None:
            return self._user_not_found(call)
        if context.amf_3gpp_access is None:
            return _stored(None)
        try:
            octets = json_patch.apply(context.amf_3gpp_access, operations)
            codec.decode(Amf3GppAccessRegistration, octets)
        except json_patch.PatchConflict as error:
            return codec.problem(409, "MODIFICATION_NOT_ALLOWED", str(error))
        except DecodeError as error:
            return codec.problem(400, "INVALID_MSG_FORMAT", str(error))
        if len(octets) > MAX_BODY_OCTETS:
            return codec.problem(403, "MODIFICATION_NOT_ALLOWED", "the resource would be too large")
        return _NO_CONTENT if self._udr.keep_amf(context, octets) else _not_stored()

    def _get_smf_registrations(self, _call: Call, context: SubscriberContext) -> Response:
        registrations = context.smf_registrations
        if not registrations:
            return _stored(None)
        joined = b",".join(registrations[session] for session in sorted(registrations))
        return codec.json_response(200, b"[" + joined + b"]")

    def _get_smf_registration(self, call: Call, context: SubscriberContext) -> Response:
        session = _session(call)
        registrations = context.smf_registrations
        return _stored(registrations.get(session) if registrations and session is not None else None)

    def _put_smf_registration(self, call: Call, registration: SmfRegistration) -> Response:
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None:
            return self._user_not_found(call)
        session = _session(call)
        if session is None or session != registration.pdu_session_id:
            return codec.problem(400, "MANDATORY_IE_INCORRECT", "pduSessionId is not the one of the path")
        registrations = context.smf_registrations or {}
        created = session not in registrations
        if created and len(registrations) >= _MAX_SMF_REGISTRATIONS:
            return codec.problem(403, "MODIFICATION_NOT_ALLOWED", "too many PDU sessions are registered")
        if not self._udr.keep_smf(context, session, call.request.body):
            return _not_stored()
        return _put_answer(call, created)

    def _delete_smf_registration(self, call: Call, context: SubscriberContext) -> Response:
        session = _session(call)
        registrations = context.smf_registrations
        if registrations is None or session is None or session not in registrations:
            return _stored(None)
        return _NO_CONTENT if self._udr.keep_smf(context, session, None) else _not_stored()

    def _get_sdm_subscriptions(self, _call: Call, context: SubscriberContext) -> Response:
        subscriptions = context.sdm_subscriptions
        if not subscriptions:
            return _stored(None)
        return codec.json_response(200, [_named(name, body) for name, body in subscriptions.items()])

    def _get_sdm_subscription(self, call: Call, context: SubscriberContext) -> Response:
        name = call.params["subsId"]
        body = (context.sdm_subscriptions or {}).get(name)
        return _stored(None) if body is None else codec.json_response(200, _named(name, body))

    def _post_sdm_subscription(self, call: Call, subscription: SdmSubscription) -> Response:
        """Of those that a consumer says to be unique the last stays (TS 29.503 clause 5.2.2.3.2)."""
        context = self._udr.subscribers.get(call.params["ueId"])
        if context is None or context.withdrawn:
            return self._user_not_found(call)
        body, known = call.request.body, context.sdm_subscriptions or {}
        former = [name for name, kept in known.items() if _replaces(subscription, kept)]
        if len(known) - len(former) >= _MAX_SDM_SUBSCRIPTIONS:
            return codec.problem(500, "INSUFFICIENT_RESOURCES", "too many subscriptions")
        name = self._udr.services.random_bytes(8, "subscriptionId").hex()
        if not self._udr.keep_sdm(context, {name: body, **dict.fromkeys(former)}):
            return _not_stored()
        path = call.request.path.partition("?")[0]
        return codec.json_response(201, body, location=call.location(f"{path}/{name}"))

    def _delete_sdm_subscription(self, call: Call, context: SubscriberContext) -> Response:
        name = call.params["subsId"]
        if name not in (context.sdm_subscriptions or {}):
            return _stored(None)
        return _NO_CONTENT if self._udr.keep_sdm(context, {name: None}) else _not_stored()


def _replaces(subscription: SdmSubscription, kept: bytes) -> bool:
    if not subscription.unique_subscription:
        return False
    former = codec.decode(SdmSubscription, kept)
    # Who came back under another identity is known by its callback.
    same = former.nf_instance_id == subscription.nf_instance_id
    same = same or former.callback_reference == subscription.callback_reference
    return same and (former.dnn, former.single_nssai) == (subscription.dnn, subscription.single_nssai)


def _named(name: str, body: bytes) -> dict[str, object]:
    """A subscription with its identity, which it was given here (TS 29.503 clause 6.1.6.2.3)."""
    members: dict[str, object] = msgspec.json.decode(body)
    return {**members, "subscriptionId": name}


def _changed_sqn(old: bytes, patched: bytes) -> str | None:
    before: dict[str, object] = msgspec.json.decode(old)
    after: dict[str, object] = msgspec.json.decode(patched)
    del before["sequenceNumber"]
    number = after.pop("sequenceNumber", None)
    sqn = number.get("sqn") if isinstance(number, dict) else None
    if after != before or not isinstance(sqn, str) or len(sqn) != 12:
        return None
    return sqn.lower() if all(sign in "0123456789abcdefABCDEF" for sign in sqn) else None


def _session(call: Call) -> int | None:
    text = call.params["pduSessionId"]
    return int(text) if len(text) <= 3 and text.isdecimal() and text.isascii() and int(text) <= 255 else None


def _not_stored() -> Response:
    return codec.problem(500, "INSUFFICIENT_RESOURCES", "the store takes nothing")


def _stored(octets: bytes | None) -> Response:
    if octets is None:
        return codec.problem(404, "DATA_NOT_FOUND")
    return codec.json_response(200, octets)


def _put_answer(call: Call, created: bool) -> Response:
    if not created:
        return _NO_CONTENT
    path = call.request.path.partition("?")[0]
    return codec.json_response(201, call.request.body, location=call.location(path))
