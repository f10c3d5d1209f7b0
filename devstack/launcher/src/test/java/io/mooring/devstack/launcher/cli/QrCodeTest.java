package io.mooring.devstack.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.decoder.Decoder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QrCodeTest {
    private static final Pattern BOX = Pattern.compile("viewBox=\"0 0 (\\d+) ");
    private static final Pattern RUN = Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-\\d+z");

    @ParameterizedTest
    @ValueSource(strings = {"ABCDEF1234", "https://example.com/claim/ABCDEF1234"})
    void isReadAsWhatItSays(String text) throws Exception {
        assertThat(new Decoder().decode(modules(QrCode.svg(text))).getText()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = "ABCDEF1234")
    void isSmallForAClaimId(String id) {
        // The smallest there is has 21 modules a side, and a rim of 4.
        assertThat(QrCode.svg(id)).contains("viewBox=\"0 0 29 29\"");
    }

    private static BitMatrix modules(String svg) {
        Matcher box = BOX.matcher(svg);
        assertThat(box.find()).isTrue();
        int rim = 4;
        BitMatrix modules = new BitMatrix(Integer.parseInt(box.group(1)) - 2 * rim);
        Matcher run = RUN.matcher(svg);
        while (run.find()) {
            modules.setRegion(
                    Integer.parseInt(run.group(1)) - rim,
                    Integer.parseInt(run.group(2)) - rim,
                    Integer.parseInt(run.group(3)),
                    1);
        }
        return modules;
    }
}
