"""Nudr_DataRepository, subscription data: bodies, paths and errors (TS 29.504, TS 29.505 clause 5)."""

from awase.protocols.sbi.data_types import Data, NotifyItem, Text

_UE = "/nudr-dr/v2/subscription-data/{ueId}"
AUTHENTICATION_SUBSCRIPTION = _UE + "/authentication-data/authentication-subscription"
AUTHENTICATION_STATUS = _UE + "/authentication-data/authentication-status"
PROVISIONED_DATA = _UE + "/{servingPlmnId}/provisioned-data"
AM_DATA = PROVISIONED_DATA + "/am-data"
SMF_SELECTION_SUBSCRIPTION_DATA = PROVISIONED_DATA + "/smf-selection-subscription-data"
SM_DATA = PROVISIONED_DATA + "/sm-data"
AMF_3GPP_ACCESS = _UE + "/context-data/amf-3gpp-access"
SMF_REGISTRATIONS = _UE + "/context-data/smf-registrations"
SMF_REGISTRATION = SMF_REGISTRATIONS + "/{pduSessionId}"
SDM_SUBSCRIPTIONS = _UE + "/context-data/sdm-subscriptions"
SDM_SUBSCRIPTION = SDM_SUBSCRIPTIONS + "/{subsId}"

DATA_CHANGE_NOTIFY = "/nudr-callback/v1/data-change-notify"
"""Where a UDM takes what it did not subscribe to: the default notification of TS 29.510 table 6.1.6.3.4-1."""

DATA_RESTORATION_NOTIFY = "/nudr-callback/v1/data-restoration-notify"
"""The same of TS 29.504 clause 5.2.2.9: the UDR has lost data."""

# Application errors of TS 29.504 Table 6.1.7.3-1: status by cause.
ERRORS = {
    "MODIFICATION_NOT_ALLOWED": 403,
    "USER_NOT_FOUND": 404,
    "DATA_NOT_FOUND": 404,
}


class SequenceNumber(Data, frozen=True):
    """SequenceNumber (TS 29.505 clause 5.4.2.3): SQN as twelve hexadecimal digits."""

    sqn_scheme: Text | None = None
    sqn: Text | None = None
    last_indexes: dict[str, int] | None = None
    ind_length: int | None = None
    dif_sign: Text | None = None


class AuthenticationSubscription(Data, frozen=True):
    """AuthenticationSubscription (TS 29.505 clause 5.4.2.2). Keys as hexadecimal text.

    `enc_op_key` is no attribute of TS 29.505: it hands out the operator's OP where no OPc is stored.
    """

    authentication_method: Text
    enc_permanent_key: Text | None = None
    sequence_number: SequenceNumber | None = None
    authentication_management_field: Text | None = None
    algorithm_id: Text | None = None
    enc_opc_key: Text | None = None
    enc_topc_key: Text | None = None
    enc_op_key: Text | None = None
    supi: Text | None = None

    def __repr__(self) -> str:
        return f"AuthenticationSubscription({self.authentication_method})"


class DataChangeNotify(Data, frozen=True):
    """DataChangeNotify (TS 29.505 clause 5.4.2.8)."""

    ue_id: Text
    notify_items: tuple[NotifyItem, ...] = ()
