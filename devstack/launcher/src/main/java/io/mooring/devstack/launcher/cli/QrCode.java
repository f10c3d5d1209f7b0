package io.mooring.devstack.launcher.cli;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import io.mooring.devstack.launcher.process.StartException;

/** A QR code (ISO/IEC 18004) as an SVG drawing that prints sharp at any size. */
final class QrCode {
    /** The white rim it needs, in modules. */
    private static final int RIM = 4;

    private QrCode() {}

    /** The drawing of a text; a quarter of it may be scratched. */
    static String svg(String text) {
        ByteMatrix modules;
        try {
            modules = Encoder.encode(text, ErrorCorrectionLevel.Q).getMatrix();
        } catch (WriterException tooLong) {
            throw new StartException("a QR code cannot hold this: " + tooLong.getMessage(), tooLong);
        }
        int size = modules.getWidth() + 2 * RIM;
        StringBuilder path = new StringBuilder();
        for (int y = 0; y < modules.getHeight(); y++) {
            int x = 0;
            while (x < modules.getWidth()) {
                int from = x;
                while (x < modules.getWidth() && modules.get(x, y) == 1) {
                    x++;
                }
                if (x > from) {
                    path.append("M%d %dh%dv1h-%dz".formatted(from + RIM, y + RIM, x - from, x - from));
                }
                x++;
            }
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">
                <rect width="%d" height="%d" fill="#fff"/>
                <path d="%s" fill="#000"/>
                </svg>
                """.formatted(size, size, size, size, path);
    }
}
