package io.mooring.devstack.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutputTest {
    @Test
    void alignsColumns() {
        assertThat(Output.table(
                        List.of(List.of("id", "name", "note"), List.of("1", "Grüße", ""), List.of("12345", "x", "y"))))
                .containsExactly("id     name   note", "1      Grüße", "12345  x      y");
    }

    @Test
    void quotesForTheShell() {
        assertThat(EnvCommand.quoted("two words")).isEqualTo("'two words'");
        assertThat(EnvCommand.quoted("$HOME")).isEqualTo("'$HOME'");
        assertThat(EnvCommand.quoted("it's")).isEqualTo("'it'\\''s'");
    }

    @Test
    void saysMemoryInMegabytes() {
        assertThat(Memory.text(0)).isEqualTo("-");
        assertThat(Memory.text(150L * 1024 * 1024 + 1)).isEqualTo("150 MB");
        assertThat(Memory.of(ProcessHandle.current().pid())).isPositive();
    }
}
