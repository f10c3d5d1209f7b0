package io.mooring.provisioning.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.core.Device;
import java.util.List;

/**
 * What a device may do at AWS, whatever more its role may: its own log streams, its own objects, its own metrics (IAM
 * User Guide, "Session policies"). AWS takes 2,048 characters of it.
 *
 * @param partition of the role, such as {@code aws}
 * @param accountId of the role, twelve digits
 */
record SessionPolicy(KeysConfig.Aws config, String partition, String accountId) {
    /** The most characters AWS takes. */
    static final int LONGEST = 2048;

    /** The policy of sessions of this role; refuses a role that is none. */
    static SessionPolicy of(KeysConfig.Aws config, String roleArn) {
        String[] parts = roleArn.split(":", 6);
        if (parts.length != 6 || !parts[0].equals("arn") || !parts[5].startsWith("role/")) {
            throw new IllegalStateException("mooring.provisioning.keys.aws.role-arn is not the ARN of a role");
        }
        return new SessionPolicy(config, parts[1], parts[4]);
    }

    /** The policy for one device, as JSON. */
    String text(Device.Provisioned device) {
        ObjectNode policy = JsonNodeFactory.instance.objectNode().put("Version", "2012-10-17");
        ArrayNode statements = policy.putArray("Statement");
        config.bucket().ifPresent(bucket -> objects(statements, bucket, filled(config.prefix(), device)));
        config.logGroup().ifPresent(group -> logs(statements, group, filled(config.logStream(), device)));
        // It knows no resources; the namespace is all that can be told apart.
        ObjectNode metrics = statement(List.of("cloudwatch:PutMetricData"), List.of("*"));
        metrics.withObject("/Condition/StringEquals")
                .put("cloudwatch:namespace", filled(config.metricsNamespace(), device));
        statements.add(metrics);
        return policy.toString();
    }

    private void objects(ArrayNode statements, String bucket, String prefix) {
        String arn = "arn:" + partition + ":s3:::" + bucket;
        statements.add(statement(
                List.of(
                        "s3:GetObject",
                        "s3:PutObject",
                        "s3:DeleteObject",
                        "s3:AbortMultipartUpload",
                        "s3:ListMultipartUploadParts"),
                List.of(arn + "/" + prefix + "*")));
        ObjectNode list = statement(List.of("s3:ListBucket"), List.of(arn));
        list.withObject("/Condition/StringLike").put("s3:prefix", prefix + "*");
        statements.add(list);
    }

    private void logs(ArrayNode statements, String group, String stream) {
        String arn = "arn:" + partition + ":logs:" + config.region() + ":" + accountId + ":log-group:" + group
                + ":log-stream:" + stream;
        statements.add(statement(
                List.of("logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents"), List.of(arn, arn + "/*")));
    }

    private static ObjectNode statement(List<String> actions, List<String> resources) {
        ObjectNode statement = JsonNodeFactory.instance.objectNode().put("Effect", "Allow");
        actions.forEach(statement.putArray("Action")::add);
        resources.forEach(statement.putArray("Resource")::add);
        return statement;
    }

    /** A template of the configuration, for one device. */
    static String filled(String template, Device.Provisioned device) {
        return template.replace("{cloud}", device.owner().cloud())
                .replace("{account}", device.owner().account())
                .replace("{device}", device.identity().id());
    }
}
