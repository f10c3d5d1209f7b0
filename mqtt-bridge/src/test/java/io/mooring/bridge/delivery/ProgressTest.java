package io.mooring.bridge.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void isDoneOnlyUpToTheFirstThatIsNot() {
        Progress progress = new Progress(10);
        Progress.Step first = begin(progress, 10);
        Progress.Step second = begin(progress, 11);

        second.finished();
        progress.advance();
        assertThat(progress.done()).isEqualTo(10);

        first.finished();
        progress.advance();
        assertThat(progress.done()).isEqualTo(12);
    }

    @Test
    void waitsForAllReceiversOfOneRecord() {
        Progress progress = new Progress(0);
        Progress.Step step = progress.begin(0);
        step.begun();
        step.finished();
        step.begun();
        step.allHandedOver();
        progress.advance();
        assertThat(progress.done()).isZero();

        step.finished();
        progress.advance();
        assertThat(progress.done()).isEqualTo(1);
    }

    @Test
    void repeatsFromTheFirstThatFailedOnceAllHaveEnded() {
        Progress progress = new Progress(0);
        Progress.Step first = begin(progress, 0);
        Progress.Step second = begin(progress, 1);
        first.failed();
        assertThat(progress.mustRepeat()).isFalse();
        assertThat(progress.hasFailed()).isTrue();

        second.finished();
        progress.advance();

        assertThat(progress.mustRepeat()).isTrue();
        assertThat(progress.done()).isZero();
    }

    /** Whatever order steps finish in, nothing is called done before all before it are finished. */
    @Property
    void neverPassesAnUnfinishedStep(@ForAll @Size(max = 60) List<@IntRange(min = 0, max = 59) Integer> order) {
        Progress progress = new Progress(0);
        List<Progress.Step> steps = new ArrayList<>();
        TreeSet<Integer> open = new TreeSet<>();
        for (int offset = 0; offset < 60; offset++) {
            steps.add(begin(progress, offset));
            open.add(offset);
        }
        for (int offset : order) {
            if (open.remove(offset)) {
                steps.get(offset).finished();
            }
            progress.advance();
            assertThat(progress.done()).isEqualTo(open.isEmpty() ? 60 : open.first());
        }
    }

    private static Progress.Step begin(Progress progress, long offset) {
        Progress.Step step = progress.begin(offset);
        step.begun();
        step.allHandedOver();
        return step;
    }
}
