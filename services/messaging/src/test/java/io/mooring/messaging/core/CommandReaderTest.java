package io.mooring.messaging.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final CommandReader.Limits LIMITS = new CommandReader.Limits(3, 20);

    @Test
    void readsWhatIsAskedAndFillsInTheRest() throws Exception {
        assertThat(read("{'command':'reboot','device':'D1'}"))
                .isEqualTo(Outcome.done(new CommandRequest(
                        "main",
                        "reboot",
                        null,
                        null,
                        new Target.Devices(List.of("D1")),
                        null,
                        Pace.UNLIMITED,
                        StopRule.NEVER,
                        CommandReader.DEFAULT_EXPIRES,
                        CommandReader.DEFAULT_TIMEOUT)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[]                                                            | bad-request",
                "{'device':'D1'}                                               | bad-request",
                "{'command':'no spaces','device':'D1'}                         | bad-request",
                "{'command':'c'}                                               | bad-request",
                "{'command':'c','device':'D1','product':'P'}                   | bad-request",
                "{'command':'c','device':'a/b'}                                | bad-request",
                "{'command':'c','devices':[]}                                  | bad-request",
                "{'command':'c','devices':['1','2','3','4']}                   | too-large",
                "{'command':'c','device':'D1','args':[]}                       | bad-request",
                "{'command':'c','device':'D1','args':{'a':'0123456789abcdef'}} | too-large",
                "{'command':'c','query':'version <'}                           | bad-query",
                "{'command':'c','device':'D1','at':'tomorrow'}                 | bad-request",
                "{'command':'c','device':'D1','at':'2028-11-26T12:00:00Z'}     | bad-request",
                "{'command':'c','device':'D1','ratePerMinute':0}               | bad-request",
                "{'command':'c','device':'D1','stop':{'failureShare':2}}       | bad-request",
                "{'command':'c','device':'D1','timeoutSeconds':1.5}            | bad-request",
                "{'command':'c','device':'D1','cloud':'No'}                    | bad-request",
                "{'command':'c','device':'D1','colour':'red'}                  | bad-request",
            })
    void refusesWhatCannotBeMeant(String json, String code) throws Exception {
        assertThat(read(json))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused ->
                                assertThat(((Refusal) refused.refusal()).code()).isEqualTo(code));
    }

    @Test
    void goesAsFastAsItMay() {
        assertThat(new Pace(600).batch()).isEqualTo(10);
        assertThat(new Pace(600).pauseAfter(10)).hasSeconds(1);
        assertThat(new Pace(2).batch()).isEqualTo(1);
        assertThat(new Pace(2).pauseAfter(1)).hasSeconds(30);
        assertThat(Pace.UNLIMITED.pauseAfter(1000)).isZero();
    }

    @Test
    void stopsWhenTooManyFailed() {
        StopRule rule = new StopRule(0.1, 20);

        assertThat(rule.isBroken(10, 10)).isFalse();
        assertThat(rule.isBroken(20, 2)).isFalse();
        assertThat(rule.isBroken(20, 3)).isTrue();
        assertThat(StopRule.NEVER.isBroken(100, 100)).isFalse();
    }

    private static Outcome<CommandRequest> read(String json) throws Exception {
        return CommandReader.read(new ObjectMapper().readTree(json.replace('\'', '"')), "main", LIMITS, NOW);
    }
}
