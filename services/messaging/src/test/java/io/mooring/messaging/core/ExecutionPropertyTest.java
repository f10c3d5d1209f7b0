package io.mooring.messaging.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.messaging.core.ExecutionDecider.Answering;
import io.mooring.messaging.core.ExecutionDecider.Facts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Whatever comes, in whatever order, how often and how late: a command ends once on a device, and no answer is lost. */
class ExecutionPropertyTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");
    private static final Duration EXPIRES = Duration.ofSeconds(100);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A signal, and how long after the one before it comes. */
    record Step(Signal signal, int afterSeconds) {}

    @Property(tries = 2000)
    void endsOnceAndKeepsTheAnswer(@ForAll("steps") List<Step> steps, @ForAll Answering answering) {
        Execution current = new Execution.Queued();
        Instant now = START;
        int ends = 0;
        String firstEnd = null;
        @Nullable Answer firstAnswer = null;
        for (Step step : steps) {
            now = now.plusSeconds(step.afterSeconds());
            Execution before = current;
            Optional<Execution> next =
                    ExecutionDecider.decide(before, step.signal(), new Facts(now, answering, EXPIRES, TIMEOUT));
            current = next.orElse(before);
            if (!before.isFinal() && current.isFinal()) {
                ends++;
                firstEnd = current.label();
            }
            boolean reached = !(before instanceof Execution.Queued);
            if (step.signal() instanceof Signal.Answered(Answer answer, String json)
                    && answer.isFinal()
                    && reached
                    && firstAnswer == null) {
                firstAnswer = answer;
            }
            if (before.isFinal()) {
                assertThat(current.label()).isEqualTo(before.label());
            }
            assertThat(current.isFinal() || current instanceof Execution.Queued).isEqualTo(current.deadline() == null);
        }
        assertThat(ends).isLessThanOrEqualTo(1);
        if (current instanceof Execution.Ended ended) {
            assertThat(ended.label()).isEqualTo(firstEnd);
            if (firstAnswer != null) {
                boolean kept = ended.answered()
                        ? ended.label().equals(firstAnswer.status().label())
                        : ended.late() != null;
                assertThat(kept)
                        .as("the answer %s is kept in %s", firstAnswer, ended)
                        .isTrue();
            }
        } else {
            assertThat(firstAnswer).isNull();
        }
    }

    @Property(tries = 500)
    void everyRedeliveryIsHarmless(@ForAll("steps") List<Step> steps, @ForAll Answering answering) {
        assertThat(run(steps, answering, 2)).isEqualTo(run(steps, answering, 1));
    }

    private static List<String> run(List<Step> steps, Answering answering, int times) {
        List<String> labels = new ArrayList<>();
        Execution current = new Execution.Queued();
        Instant now = START;
        for (Step step : steps) {
            now = now.plusSeconds(step.afterSeconds());
            for (int i = 0; i < times; i++) {
                current = ExecutionDecider.decide(current, step.signal(), new Facts(now, answering, EXPIRES, TIMEOUT))
                        .orElse(current);
            }
            labels.add(current.toString());
        }
        return labels;
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Signal> answers = Arbitraries.of(Answer.Status.values()).map(status -> {
            Answer answer = new Answer(status, null, "{\"n\":1}", null);
            return new Signal.Answered(answer, "{\"status\":\"" + status.label() + "\"}");
        });
        Arbitrary<Signal> signals = Arbitraries.oneOf(
                answers,
                Arbitraries.of(
                        new Signal.Dispatched(),
                        new Signal.Dispatched(),
                        new Signal.Received(),
                        new Signal.DeadlinePassed(),
                        new Signal.Withdrawn("called off")));
        return signals.flatMap(signal -> Arbitraries.of(0, 1, 5, 11, 101).map(after -> new Step(signal, after)))
                .list()
                .ofMaxSize(12);
    }
}
