package io.mooring.deploy.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.BackendTLSPolicy;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TLSRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What fields the objects of Kubernetes have, by the models of a client of it. */
final class KubernetesModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String UNKNOWN = "additionalProperties";

    private static final Map<String, Class<?>> KINDS = Map.ofEntries(
            Map.entry("v1/ConfigMap", ConfigMap.class),
            Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
            Map.entry("v1/Pod", Pod.class),
            Map.entry("v1/Secret", Secret.class),
            Map.entry("v1/Service", Service.class),
            Map.entry("v1/ServiceAccount", ServiceAccount.class),
            Map.entry("apps/v1/Deployment", Deployment.class),
            Map.entry("apps/v1/StatefulSet", StatefulSet.class),
            Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
            Map.entry("batch/v1/Job", Job.class),
            Map.entry("gateway.networking.k8s.io/v1/BackendTLSPolicy", BackendTLSPolicy.class),
            Map.entry("gateway.networking.k8s.io/v1/HTTPRoute", HTTPRoute.class),
            Map.entry("gateway.networking.k8s.io/v1alpha2/TLSRoute", TLSRoute.class),
            Map.entry("monitoring.coreos.com/v1/PodMonitor", PodMonitor.class),
            Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class),
            Map.entry("networking.k8s.io/v1/Ingress", Ingress.class),
            Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
            Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class));

    /** Of operators for which there is no model here: what stands in their references' first level. */
    private static final Map<String, Set<String>> SPECS = Map.of(
            "cert-manager.io/v1/Certificate",
            Set.of("secretName", "issuerRef", "dnsNames", "privateKey", "usages", "keystores"),
            "keda.sh/v1alpha1/ScaledObject",
            Set.of("scaleTargetRef", "minReplicaCount", "maxReplicaCount", "cooldownPeriod", "triggers"));

    private KubernetesModel() {}

    /** What of a manifest Kubernetes would not know, each by its path; empty if all is well. */
    static List<String> unknown(JsonNode manifest) throws ReflectiveOperationException {
        String kind = manifest.path("apiVersion").asText() + "/"
                + manifest.path("kind").asText();
        List<String> found = new ArrayList<>();
        Set<String> spec = SPECS.get(kind);
        if (spec != null) {
            manifest.path("spec").fieldNames().forEachRemaining(field -> {
                if (!spec.contains(field)) {
                    found.add(kind + ".spec." + field);
                }
            });
            return found;
        }
        Class<?> model = KINDS.get(kind);
        if (model == null) {
            return List.of("no model of " + kind);
        }
        walk(JSON.convertValue(manifest, model), kind, found);
        return found;
    }

    private static void walk(Object value, String path, List<String> found) throws ReflectiveOperationException {
        switch (value) {
            case Collection<?> all -> {
                for (Object one : all) {
                    if (one != null) {
                        walk(one, path + "[]", found);
                    }
                }
            }
            case Map<?, ?> all -> {
                for (Map.Entry<?, ?> one : all.entrySet()) {
                    if (one.getValue() != null) {
                        walk(one.getValue(), path + "." + one.getKey(), found);
                    }
                }
            }
            default -> fields(value, path, found);
        }
    }

    private static void fields(Object value, String path, List<String> found) throws ReflectiveOperationException {
        if (!value.getClass().getName().startsWith("io.fabric8") || value instanceof Enum<?>) {
            return;
        }
        for (Class<?> type = value.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                field.setAccessible(true);
                Object content = field.get(value);
                if (content instanceof Map<?, ?> unknown && field.getName().equals(UNKNOWN)) {
                    unknown.keySet().forEach(name -> found.add(path + "." + name));
                } else if (content != null) {
                    walk(content, path + "." + field.getName(), found);
                }
            }
        }
    }
}
