"""AWS' own SDK for devices (awsiotsdk, MQTT 5) and its client for shadows: what came of each step, one a line."""
import queue
import sys

from awscrt import mqtt5, mqtt_request_response
from awsiot import ServiceStreamOptions, V2ServiceException, iotshadow, mqtt5_client_builder

PATIENCE = 30
NAME = "pump"
port, authority, certificate, key, thing = sys.argv[1:6]

connected = queue.Queue()
client = mqtt5_client_builder.mtls_from_path(
    certificate,
    key,
    ca_filepath=authority,
    endpoint="localhost",
    port=int(port),
    client_id=thing,
    on_lifecycle_connection_success=lambda data: connected.put("connected"),
    on_lifecycle_connection_failure=lambda data: connected.put("refused: %s" % data.exception),
)
client.start()
print(connected.get(timeout=PATIENCE))
shadows = iotshadow.IotShadowClientV2(
    client, mqtt_request_response.ClientOptions(max_request_response_subscriptions=4, max_streaming_subscriptions=4)
)


def say(name, call, request):
    try:
        answer = call(request).result(PATIENCE)
        state = getattr(answer, "state", None)
        print(name, "version", answer.version, state and (state.desired, state.reported, getattr(state, "delta", None)))
    except V2ServiceException as refused:
        print(name, refused.modeled_error.code, refused.modeled_error.message)


def update(name, state, version=None):
    say(
        name,
        shadows.update_named_shadow,
        iotshadow.UpdateNamedShadowRequest(
            thing_name=thing, shadow_name=NAME, state=iotshadow.ShadowState(**state), version=version
        ),
    )


def heard(opened, events):
    """A stream that is subscribed to by the time this returns."""
    subscribed = queue.Queue()
    options = ServiceStreamOptions(
        incoming_event_listener=events.put, subscription_status_listener=lambda event: subscribed.put(event.type)
    )
    stream = opened(
        iotshadow.NamedShadowDeltaUpdatedSubscriptionRequest(thing_name=thing, shadow_name=NAME), options
    )
    stream.open()
    event = mqtt_request_response.SubscriptionStatusEventType(subscribed.get(timeout=PATIENCE))
    print("subscribed", event.name)
    return stream


deltas = queue.Queue()
updates = queue.Queue()
streams = [
    heard(shadows.create_named_shadow_delta_updated_stream, deltas),
    heard(shadows.create_named_shadow_updated_stream, updates),
]
get = iotshadow.GetNamedShadowRequest(thing_name=thing, shadow_name=NAME)
say("missing", shadows.get_named_shadow, get)
update("desired", {"desired": {"speed": 3}})
delta = deltas.get(timeout=PATIENCE)
print("delta", delta.version, delta.state)
document = updates.get(timeout=PATIENCE)
print("document", document.previous.version, document.current.version, document.current.state.desired)
update("reported", {"reported": {"speed": 3}})
update("conflict", {"reported": {"speed": 4}}, version=1)
say("got", shadows.get_named_shadow, get)
say("deleted", shadows.delete_named_shadow, iotshadow.DeleteNamedShadowRequest(thing_name=thing, shadow_name=NAME))
say("gone", shadows.get_named_shadow, get)
classic = iotshadow.UpdateShadowRequest(thing_name=thing, state=iotshadow.ShadowState(reported={"a": 1}))
say("classic", shadows.update_shadow, classic)
client.stop()
