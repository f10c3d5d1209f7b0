package io.mooring.metrics.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a device asks ({@code metric/get}, device protocol, section 2).
 *
 * @param owner whose values: with {@code {"Device": id}} its own, with {@code {"Product": id}} its product's, else its
 *     cloud's
 * @param dimensions the others; a series must have exactly these
 * @param periodSeconds how far back
 * @param statistic an unknown one is the sum
 */
public record MetricQuestion(
        Owner owner, String metric, Dimensions dimensions, long periodSeconds, Statistic statistic) {
    private static final String PRODUCT = "Product";
    private static final long DEFAULT_PERIOD = 300;

    /**
     * Reads a question.
     *
     * @param product the device's own, if it is known
     */
    public static Outcome<MetricQuestion> read(JsonNode json, String device, Optional<String> product) {
        String metric = json.path("metric").textValue();
        if (!PointReader.isName(metric, PointLimits.NAME)) {
            return Outcome.refused("bad-metric", "metric/get needs {\"metric\": text}");
        }
        JsonNode period = json.path("period");
        long seconds = period.isMissingNode() || period.isNull() ? DEFAULT_PERIOD : period.asLong(DEFAULT_PERIOD);
        Statistic statistic = Statistic.of(json.path("statistic").asText("")).orElse(Statistic.SUM);
        JsonNode set = json.path("dimensions");
        JsonNode first = set.isArray() ? set.path(0) : set;
        Outcome<Dimensions> dimensions = first.isMissingNode() || first.isNull()
                ? Outcome.done(Dimensions.NONE)
                : PointReader.read(first, device, PointLimits.DEFAULT.dimensions());
        return dimensions.then(read -> owner(read, device, product)
                .then(owner -> Outcome.done(new MetricQuestion(
                        owner,
                        metric,
                        owner.kind() == Owner.Kind.PRODUCT ? read.without(PRODUCT) : read.without(PointReader.DEVICE),
                        seconds,
                        statistic))));
    }

    private static Outcome<Owner> owner(Dimensions dimensions, String device, Optional<String> product) {
        String named = dimensions.values().get(PointReader.DEVICE);
        if (named != null) {
            return named.equals(device)
                    ? Outcome.done(Owner.device(device))
                    : Outcome.refused(
                            "another-device", "a device asks for its own metrics, its product's and its cloud's");
        }
        String wanted = dimensions.values().get(PRODUCT);
        return wanted != null && product.filter(wanted::equals).isPresent()
                ? Outcome.done(Owner.product(wanted))
                : Outcome.done(Owner.CLOUD);
    }
}
