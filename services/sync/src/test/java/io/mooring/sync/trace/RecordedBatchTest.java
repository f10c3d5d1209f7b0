package io.mooring.sync.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.trace.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordedBatchTest {
    private static final TraceContext ONE = new TraceContext("1".repeat(32), "1".repeat(16), true);
    private static final TraceContext TWO = new TraceContext("2".repeat(32), "2".repeat(16), true);

    private final List<SpanData> ended = new ArrayList<>();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(new SpanProcessor() {
                @Override
                public void onStart(Context parent, ReadWriteSpan span) {}

                @Override
                public boolean isStartRequired() {
                    return false;
                }

                @Override
                public void onEnd(ReadableSpan span) {
                    ended.add(span.toSpanData());
                }

                @Override
                public boolean isEndRequired() {
                    return true;
                }
            })
            .build();

    @AfterEach
    void close() {
        provider.close();
    }

    private RecordedBatch batch() {
        return new RecordedBatch(provider.get("test"), "changes");
    }

    private SpanData step(TraceContext context) {
        return ended.stream()
                .filter(span -> span.getSpanId().equals(context.parentId()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void recordsEachPartInItsOwnTraceAndWhatIsDoneForAllInTheFirst() {
        RecordedBatch batch = batch();
        TraceContext one = batch.begin(ONE);
        TraceContext two = batch.begin(TWO);
        batch.together("merge", 7);
        batch.done();

        assertThat(ended).extracting(SpanData::getName).containsExactly("merge");
        SpanData merge = ended.getFirst();
        assertThat(merge.getTraceId()).isEqualTo(ONE.traceId());
        assertThat(merge.getParentSpanId()).isEqualTo(one.parentId());
        assertThat(merge.getLinks())
                .extracting(link -> link.getSpanContext().getSpanId())
                .containsExactly(one.parentId(), two.parentId());

        batch.end();
        assertThat(ended).hasSize(3);
        assertThat(step(one).getTraceId()).isEqualTo(ONE.traceId());
        assertThat(step(one).getParentSpanId()).isEqualTo(ONE.parentId());
        assertThat(step(two).getTraceId()).isEqualTo(TWO.traceId());
        assertThat(step(two).getName()).isEqualTo("process changes");
    }

    @Test
    void recordsNothingOfABatchOfNoTrace() {
        RecordedBatch batch = batch();
        batch.together("merge", 7);
        batch.done();
        batch.end();

        assertThat(ended).isEmpty();
    }

    @Test
    void endsAllWithTheirErrorIfTheyFail() {
        RecordedBatch batch = batch();
        batch.begin(ONE);
        batch.together("merge", 1);
        batch.fail(new IllegalStateException("why"));

        assertThat(ended).hasSize(2);
        assertThat(ended).allSatisfy(span -> {
            assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(span.getStatus().getDescription()).contains("why");
        });
    }

    @Test
    void goesOnFromTheCauseWhereNothingIsRecorded() {
        RecordedBatch off = new RecordedBatch(null, "changes");

        assertThat(off.begin(ONE)).isEqualTo(ONE);
        off.together("merge", 1);
        off.end();
        assertThat(Span.current().getSpanContext().isValid()).isFalse();
    }
}
