package io.mooring.contracts.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    @Test
    void readsWhatTheRecommendationGivesAsItsExample() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-01"))
                .contains(new TraceContext(TRACE, PARENT, true));
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-00"))
                .contains(new TraceContext(TRACE, PARENT, false));
    }

    @Test
    void readsOfFlagsOnlyTheOneItKnows() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-02").orElseThrow())
                .hasToString("00-" + TRACE + "-" + PARENT + "-00");
        assertThat(TraceContext.parse("00-" + TRACE + "-" + PARENT + "-ff").orElseThrow())
                .hasToString("00-" + TRACE + "-" + PARENT + "-01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "-what-will-be"})
    void readsLaterVersionsAsFarAsItKnows(String rest) {
        assertThat(TraceContext.parse("cc-" + TRACE + "-" + PARENT + "-01" + rest))
                .contains(new TraceContext(TRACE, PARENT, true));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "00",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319cc-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
                " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
            })
    void takesForNoneWhatIsNotOne(String text) {
        assertThat(TraceContext.parse(text)).isEmpty();
    }

    @Test
    void canOnlyBeMadeOfWhatCouldBeRead() {
        assertThatThrownBy(() -> new TraceContext(TRACE, "0".repeat(16), true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TraceContext("0".repeat(32), PARENT, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
