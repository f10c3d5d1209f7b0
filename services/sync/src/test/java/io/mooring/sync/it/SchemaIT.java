package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class SchemaIT {
    private static final String FORM = "{format: 'onetable:1.1.0', models: {%s}, process: {%s}}";

    private final Cloud cloud = Cloud.get();
    private final String token = cloud.stack().secrets().serviceToken("launcher", "sync");

    private HttpResponse<String> put(String name, String models, String process) throws Exception {
        return cloud.http("PUT", "/v1/clouds/" + name + "/schema", FORM.formatted(models, process), token);
    }

    private static String thing(String fields) {
        return "Thing: {sk: {type: 'string', value: 'thing#${id}'}, id: {type: 'string'}, " + fields + "}";
    }

    @Test
    void evolvesWithoutLosingWhatIsThere() throws Exception {
        put("evolving", thing("a: {type: 'number'}"), "Thing: {sync: 'both'}");
        cloud.sql(
                "INSERT INTO cloud_evolving.thing (device_id, id, a, _extra) VALUES ('D', '1', 1.5, '{\"b\": \"early\", \"c\": 3}')");

        HttpResponse<String> answer = put(
                "evolving",
                thing("a: {type: 'object'}, b: {type: 'string'}, c: {type: 'string'}, d: {type: 'array'}")
                        + ", More: {sk: {type: 'string', value: 'more#'}}",
                "Thing: {sync: 'both'}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(Cloud.JSON.readTree(answer.body()).path("version").asInt()).isEqualTo(2);
        assertThat(cloud.query("SELECT a::text || b || _extra FROM cloud_evolving.thing"))
                .containsExactly("1.5early{\"c\": 3}");
        assertThat(cloud.query("SELECT count(*) FROM cloud_evolving.more")).containsExactly("0");
        assertThat(Cloud.JSON
                        .readTree(put(
                                        "evolving",
                                        thing(
                                                        "a: {type: 'object'}, b: {type: 'string'}, c: {type: 'string'}, d: {type: 'array'}")
                                                + ", More: {sk: {type: 'string', value: 'more#'}}",
                                        "Thing: {sync: 'both'}")
                                .body())
                        .path("changed")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void refusesWhatWouldLoseData() throws Exception {
        put("careful", thing("a: {type: 'string'}, b: {type: 'number'}"), "Thing: {sync: 'both'}");
        cloud.sql("INSERT INTO cloud_careful.thing (device_id, id) VALUES ('D', '1')");

        HttpResponse<String> answer = put("careful", thing("a: {type: 'number'}"), "Thing: {sync: 'both'}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        JsonNode problems = Cloud.JSON.readTree(answer.body()).path("problems");
        assertThat(problems.findValuesAsText("path")).containsExactly("models.Thing.a.type", "models.Thing.b");
        assertThat(problems.findValuesAsText("code")).containsExactly("type-changed", "field-removed");
        assertThat(put("careful", "", "").statusCode()).isEqualTo(422);
        cloud.sql("DELETE FROM cloud_careful.thing");
        assertThat(put("careful", "", "").statusCode())
                .as("graves are data too")
                .isEqualTo(422);
    }

    @Test
    void letsAnythingHappenToEmptyTables() throws Exception {
        put("empty", thing("a: {type: 'string'}"), "Thing: {sync: 'both'}");

        assertThat(put("empty", thing("a: {type: 'number'}"), "Thing: {sync: 'both'}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(put("empty", "", "").statusCode()).isEqualTo(200);
    }

    @Test
    void namesThePlaceOfWhatIsWrong() throws Exception {
        assertThat(put("wrong", "Thing: {sk: {type: 'strin', value: 'x'}}", "").body())
                .contains("models.Thing.sk.type", "unknown-type");
        assertThat(put("wrong", "Thing: {", "").body()).contains("not-json5", "line 1");
        assertThat(put("wrong", thing("fooBar: {type: 'string'}, foo_bar: {type: 'string'}"), "")
                        .body())
                .contains("name-collision");
        assertThat(put("Wrong!", "", "").statusCode()).isIn(400, 404);
    }

    @Test
    void mergesWhatProductsBring() throws Exception {
        put("shop", thing("a: {type: 'number'}"), "Thing: {sync: 'both'}");
        String products = "/v1/clouds/shop/products/";

        var lamp = cloud.http(
                "PUT",
                products + "lamp/schema",
                FORM.formatted(thing("a: {type: 'number'}, glow: {type: 'number'}"), ""),
                token);
        var other = cloud.http(
                "PUT",
                products + "door/schema",
                FORM.formatted(
                        thing("glow: {type: 'string'}")
                                + ", Lock: {sk: {type: 'string', value: 'lock#'}, open: {type: 'boolean'}}",
                        "Lock: {sync: 'both'}, Thing: {sync: 'up'}"),
                token);

        assertThat(lamp.statusCode()).as(lamp.body()).isEqualTo(200);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.body()).contains("models.Thing.glow", "defined-twice", "product lamp", "product door");
        String lock = FORM.formatted(
                "Lock: {sk: {type: 'string', value: 'lock#'}, open: {type: 'boolean'}}", "Lock: {sync: 'both'}");
        assertThat(cloud.http("PUT", products + "door/schema", lock, token).statusCode())
                .isEqualTo(200);
        cloud.sql("INSERT INTO cloud_shop.lock (device_id, open) VALUES ('D', true)");
        cloud.sql("INSERT INTO cloud_shop.thing (device_id, id, glow) VALUES ('D', '1', 3)");
        assertThat(put("shop", thing("a: {type: 'string'}"), "Thing: {sync: 'both'}")
                        .body())
                .contains("models.Thing.a", "product lamp");
        assertThat(cloud.http("PUT", products + "door/schema", FORM.formatted("", ""), token)
                        .body())
                .contains("model-removed");

        JsonNode versions = Cloud.JSON
                .readTree(cloud.http("GET", "/v1/clouds/shop/schema/versions", "", token)
                        .body())
                .path("versions");
        assertThat(versions.findValuesAsText("version")).containsExactly("3", "2", "1");
        assertThat(versions.path(0).path("products").toString()).isEqualTo("{\"door\":1,\"lamp\":1}");
        assertThat(cloud.http("GET", "/v1/clouds/shop/schema/versions/1", "", token)
                        .body())
                .contains("\"version\":1", "a: {type: 'number'}");
        assertThat(cloud.http("GET", products + "door/schema", "", token).body())
                .contains("lock#");
        assertThat(cloud.http("GET", products + "door/schema/versions/2", "", token)
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void letsNobodyInWithoutAToken() throws Exception {
        assertThat(cloud.http("GET", "/v1/clouds/main/schema", "", "wrong").statusCode())
                .isEqualTo(401);
        assertThat(cloud.http("GET", "/v1/clouds/main/schema", "", token).body())
                .contains("\"cloud_main\"")
                .contains("Command");
    }

    @Test
    void isReadyAndCounts() throws Exception {
        assertThat(cloud.stack().isReady(Component.SYNC)).isTrue();
        assertThat(cloud.http("GET", "/q/health/ready", "", "").body()).contains("connector RUNNING, task RUNNING");
        assertThat(cloud.http("GET", "/q/metrics", "", "").body())
                .contains("mooring_sync_up_changes_total", "mooring_sync_slot_lag_bytes");
    }
}
