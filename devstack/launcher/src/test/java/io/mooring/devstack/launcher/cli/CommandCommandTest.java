package io.mooring.devstack.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How {@code ./mooring command} says what became of a command. */
class CommandCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'device':'D1','state':'rejected','message':'no such command'} | D1 rejected: no such command",
                "{'device':'D1','state':'succeeded','output':{'n':1}}           | \"D1 succeeded: {'n':1}\"",
                "{'device':'D1','state':'failed','message':'cold','output':3}   | D1 failed: cold: 3",
                "{'device':'D1','state':'sent'}                                 | D1 sent",
            })
    void saysWhyADeviceDidNot(String result, String line) throws Exception {
        assertThat(CommandCommand.line(new JsonMapper().readTree(result.replace('\'', '"'))))
                .isEqualTo(line.replace('\'', '"'));
    }
}
