package io.mooring.metrics.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/** AWS' own clients are let in with a device's keys, in each of the forms they speak. */
class AwsIT {
    private static final Cloud CLOUD = Cloud.get();

    @TempDir
    private Path folder;

    private static Tool.Ended put(AccessKey key, String namespace, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "aws", "--endpoint-url", CLOUD.url(), "cloudwatch", "put-metric-data", "--namespace", namespace));
        command.addAll(List.of(arguments));
        return Tool.run(CLOUD.environment(key), command.toArray(String[]::new));
    }

    private static String namespace(String device) {
        return "Mooring/main/" + device;
    }

    private static AccessKey key(String device) {
        return CLOUD.key(device, Duration.ofHours(1), AccessGrant.METRICS);
    }

    private static JsonNode total(String device, String metric, String more) throws Exception {
        return CLOUD.get(
                        "/v1/clouds/main/metrics/" + metric + "?period=3600&statistics=sum,min,max,count,p50&device="
                                + device + more,
                        CLOUD.operator())
                .json()
                .at("/series/0/total");
    }

    @Test
    void theCliPutsValuesStatisticSetsAndArrays() throws Exception {
        Tool.require("aws", "--version");
        String device = CLOUD.device("P-aws");
        String data =
                ("[{'MetricName':'cli','Dimensions':[{'Name':'room','Value':'a'}],'Timestamp':'%s','Unit':'Percent',"
                                + "'Values':[1,2,4],'Counts':[1,1,2]},"
                                + "{'MetricName':'cli','Dimensions':[{'Name':'room','Value':'a'}],"
                                + "'StatisticValues':{'SampleCount':2,'Sum':30,'Minimum':10,'Maximum':20}}]")
                        .formatted(Instant.now().minusSeconds(600))
                        .replace('\'', '"');

        Tool.Ended one = put(
                key(device),
                namespace(device),
                "--metric-name",
                "cli",
                "--value",
                "5",
                "--dimensions",
                "room=a,Device=" + device,
                "--storage-resolution",
                "1");
        Tool.Ended many = put(key(device), namespace(device), "--metric-data", data);

        assertThat(one.code()).as(one.said()).isZero();
        assertThat(many.code()).as(many.said()).isZero();
        JsonNode total = total(device, "cli", "&dimension=room=a");
        assertThat(total.path("count").asInt()).isEqualTo(7);
        assertThat(total.path("sum").asDouble()).isEqualTo(46);
        assertThat(total.path("min").asDouble()).isEqualTo(1);
        assertThat(total.path("max").asDouble()).isEqualTo(20);
        assertThat(total.path("p50").asDouble()).isCloseTo(4, within(0.05));
    }

    /** What curl is answered that posts a body to a path, signed with a key: the status and the JSON. */
    private Cloud.Answer post(AccessKey key, String path, byte[] body) throws IOException {
        Path file = Files.write(folder.resolve("post"), body);
        Tool.Ended ended = Tool.run(
                CLOUD.environment(key),
                "curl",
                "-sS",
                "-w",
                "\n%{http_code} %{content_type}",
                "--aws-sigv4",
                "aws:amz:local-1:monitoring",
                "--user",
                key.id() + ":" + key.secret(),
                "-H",
                "X-Amz-Security-Token: " + key.sessionToken(),
                "-H",
                "Content-Type: application/json",
                "--data-binary",
                "@" + file,
                CLOUD.url() + path);
        String[] said = ended.said().split("\n", 2);
        assertThat(said).as(ended.said()).hasSize(2);
        int status = Integer.parseInt(said[1].substring(0, 3));
        assertThat(said[1]).endsWith(status == 200 ? "application/json;charset=UTF-8" : "application/problem+json");
        return new Cloud.Answer(status, Cloud.JSON.readTree(said[0]));
    }

    @Test
    void aDevicePostsForItselfAndForNobodyElse() throws Exception {
        Tool.require("curl", "--version");
        String device = CLOUD.device("P-own");
        String neighbour = CLOUD.device("P-own");
        AccessKey key = CLOUD.key(device, Duration.ofHours(1), AccessGrant.METRICS);
        AccessKey forged = forged(key);
        String body =
                "{'id':'own','points':[{'metric':'own','value':2.5,'dimensions':[{},{'room':'a'}]},{'metric':'own','value':'x'}]}";
        String own = "/v1/clouds/main/devices/" + device + "/points";
        String anothers = "/v1/clouds/main/devices/" + neighbour + "/points";

        Cloud.Answer taken = post(key, own, Cloud.gzip(body));
        Cloud.Answer again = post(key, own, Cloud.utf8(body));

        assertThat(taken.status()).isEqualTo(200);
        assertThat(taken.json().path("taken").asInt()).isOne();
        assertThat(taken.json().findValuesAsText("code")).containsExactly("bad-value");
        assertThat(again.json().path("repeated").asBoolean()).isTrue();
        assertThat(post(key, own, Cloud.utf8("{")).code()).isEqualTo("malformed-json");
        for (String path : List.of(anothers, "/v1/clouds/other/devices/" + device + "/points")) {
            Cloud.Answer refused = post(key, path, Cloud.utf8(body));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.code()).isEqualTo("not-allowed");
        }
        assertThat(post(forged, own, Cloud.utf8(body)).code()).isEqualTo("bad-signature");
        assertThat(post(CLOUD.key(device, Duration.ZERO, AccessGrant.METRICS), own, Cloud.utf8(body))
                        .code())
                .isEqualTo("expired-key");
        assertThat(post(CLOUD.key(device, Duration.ofHours(1), AccessGrant.LOGS), own, Cloud.utf8(body))
                        .code())
                .isEqualTo("not-allowed");
        Cloud.Answer unknown = post(
                CLOUD.key("DEV9999999", Duration.ofHours(1), AccessGrant.METRICS),
                "/v1/clouds/main/devices/DEV9999999/points",
                Cloud.utf8(body));
        assertThat(unknown.status()).isEqualTo(401);
        assertThat(unknown.code()).isEqualTo("revoked-key");
        assertThat(total(device, "own", "").path("sum").asDouble()).isEqualTo(2.5);
        assertThat(total(device, "own", "&dimension=room=a").path("count").asInt())
                .isOne();
        assertThat(CLOUD.get("/v1/clouds/main/metrics?device=" + neighbour, CLOUD.operator())
                        .json()
                        .path("metrics"))
                .isEmpty();
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("not-allowed")
                        && told.json().at("/userIdentity/type").asText().equals("Device")
                        && told.json()
                                .at("/requestParameters/resource")
                                .asText()
                                .equals("POST " + anothers)
                        && told.json().toString().contains("\"" + device + "\""));
    }

    @Test
    void theCliIsRefusedInItsOwnFormWhatIsNotItsOwnOrWrong() throws Exception {
        Tool.require("aws", "--version");
        String device = CLOUD.device("P-aws");
        String neighbour = CLOUD.device("P-aws");
        AccessKey key = key(device);
        AccessKey forged = forged(key);
        String[] one = {"--metric-name", "no", "--value", "1"};

        assertThat(put(key, namespace(neighbour), one).said()).contains("(AccessDenied)");
        assertThat(put(key, "Custom", one).said()).contains("(AccessDenied)");
        assertThat(put(CLOUD.key(device, Duration.ofHours(1), AccessGrant.LOGS), namespace(device), one)
                        .said())
                .contains("(AccessDenied)");
        assertThat(put(CLOUD.key(device, Duration.ZERO, AccessGrant.METRICS), namespace(device), one)
                        .said())
                .contains("(ExpiredToken)");
        assertThat(put(forged, namespace(device), one).said()).contains("(SignatureDoesNotMatch)");
        assertThat(put(key, namespace(device), "--metric-name", "no", "--value", "1e200")
                        .said())
                .contains("(InvalidParameterValue)", "MetricData.member.1");
        Tool.Ended listed =
                Tool.run(CLOUD.environment(key), "aws", "--endpoint-url", CLOUD.url(), "cloudwatch", "list-metrics");
        assertThat(listed.said()).contains("(InvalidAction)");
        assertThat(CLOUD.get("/v1/clouds/main/metrics?device=" + device, CLOUD.operator())
                        .json()
                        .path("metrics"))
                .isEmpty();
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("AccessDeniedException")
                        && told.json().path("eventName").asText().equals("PutMetricData")
                        && told.json().toString().contains(namespace(neighbour))
                        && told.json().toString().contains("\"" + device + "\""));
    }

    @Test
    void theSdkPutsAThousandAtOnce() throws Exception {
        String device = CLOUD.device("P-aws");
        AccessKey key = key(device);
        try (CloudWatchClient client = CloudWatchClient.builder()
                .endpointOverride(URI.create(CLOUD.url()))
                .region(Region.of("local-1"))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(key.id(), key.secret(), key.sessionToken())))
                .build()) {
            List<MetricDatum> data = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                // Large enough that the SDK compresses it.
                data.add(MetricDatum.builder()
                        .metricName("sdk")
                        .timestamp(Instant.now())
                        .value(i + 0.5)
                        .build());
            }
            client.putMetricData(request -> request.namespace(namespace(device)).metricData(data));

            JsonNode total = total(device, "sdk", "");
            assertThat(total.path("count").asInt()).isEqualTo(1_000);
            assertThat(total.path("sum").asDouble()).isEqualTo(500_000);
            assertThatThrownBy(() -> client.putMetricData(
                            request -> request.namespace("Custom").metricData(data.getFirst())))
                    .isInstanceOfSatisfying(CloudWatchException.class, refused -> {
                        assertThat(refused.statusCode()).isEqualTo(403);
                        assertThat(refused.awsErrorDetails().errorMessage()).contains(namespace(device));
                    });
        }
    }

    @Test
    void aProgramWithoutAnSdkPutsByTheQueryFormAndWhatItRepeatsCountsOnce() throws Exception {
        Tool.require("curl", "--version");
        String device = CLOUD.device("P-aws");
        AccessKey key = key(device);
        String[] command = {
            "curl",
            "-sS",
            "--aws-sigv4",
            "aws:amz:local-1:monitoring",
            "--user",
            key.id() + ":" + key.secret(),
            "-H",
            "X-Amz-Security-Token: " + key.sessionToken(),
            "-H",
            // As SDKs say it in all tries of one call.
            "Amz-Sdk-Invocation-Id: " + UUID.randomUUID(),
            "-d",
            "Action=PutMetricData&Version=2010-08-01&Namespace="
                    + namespace(device).replace("/", "%2F")
                    + "&MetricData.member.1.MetricName=query&MetricData.member.1.Values.member.2=3"
                    + "&MetricData.member.1.Values.member.1=1.5&MetricData.member.1.Dimensions.member.1.Name=room"
                    + "&MetricData.member.1.Dimensions.member.1.Value=a+b",
            CLOUD.url() + "/"
        };

        Tool.Ended done = Tool.run(CLOUD.environment(key), command);
        Tool.Ended again = Tool.run(CLOUD.environment(key), command);
        command[command.length - 2] = command[command.length - 2].replace("=1.5", "=x");
        Tool.Ended refused = Tool.run(CLOUD.environment(key), command);

        assertThat(done.said()).startsWith("<PutMetricDataResponse").contains("<RequestId>");
        assertThat(again.said()).startsWith("<PutMetricDataResponse");
        assertThat(refused.said()).contains("<Type>Sender</Type><Code>InvalidParameterValue</Code>");
        assertThat(total(device, "query", "&dimension=room=a%20b").path("sum").asDouble())
                .isEqualTo(4.5);
    }

    @Test
    void aNewerSdkPutsByRpcWithCbor() throws Exception {
        Tool.require("curl", "--version");
        String device = CLOUD.device("P-aws");
        AccessKey key = key(device);
        ObjectNode asked = Cloud.JSON.createObjectNode().put("Namespace", namespace(device));
        asked.putArray("MetricData")
                .addObject()
                .put("MetricName", "cbor")
                .put("Value", 2.5)
                .put("Timestamp", Instant.now().toEpochMilli() / 1_000.0);
        Path body = Files.write(folder.resolve("body"), new CBORMapper().writeValueAsBytes(asked));
        String[] command = {
            "curl",
            "-sS",
            "-D",
            "-",
            "-o",
            "/dev/null",
            "--aws-sigv4",
            "aws:amz:local-1:monitoring",
            "--user",
            key.id() + ":" + key.secret(),
            "-H",
            "X-Amz-Security-Token: " + key.sessionToken(),
            "-H",
            "Smithy-Protocol: rpc-v2-cbor",
            "-H",
            "Content-Type: application/cbor",
            "--data-binary",
            "@" + body,
            CLOUD.url() + "/service/GraniteServiceVersion20100801/operation/PutMetricData"
        };

        Tool.Ended done = Tool.run(CLOUD.environment(key), command);
        Files.write(body, new CBORMapper().writeValueAsBytes(asked.put("Namespace", "Custom")));
        Tool.Ended refused = Tool.run(CLOUD.environment(key), command);

        assertThat(done.said()).startsWith("HTTP/1.1 200").contains("smithy-protocol: rpc-v2-cbor");
        assertThat(refused.said())
                .startsWith("HTTP/1.1 403")
                .contains("x-amzn-query-error: AccessDenied;Sender", "AccessDeniedException");
        assertThat(total(device, "cbor", "").path("sum").asDouble()).isEqualTo(2.5);
    }

    /** With a secret that surely is another. */
    private static AccessKey forged(AccessKey key) {
        String other = key.secret().startsWith("0") ? "1" : "0";
        return new AccessKey(key.id(), other + key.secret().substring(1), key.sessionToken(), key.grant());
    }
}
