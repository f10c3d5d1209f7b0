package io.mooring.files.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class KeyPathPropertyTest {
    private static final Path ROOT = Path.of("/objects/main/ABCDEF1234");

    @Property
    void everyKeyHasOnePlaceAndBack(@ForAll("names") String name) {
        List<String> path = KeyPath.of(name);

        assertThat(KeyPath.nameOf(path)).contains(name);
    }

    @Property
    void noPlaceLiesOutsideTheFolder(@ForAll("names") String name) {
        Path place = ROOT;
        for (String part : KeyPath.of(name)) {
            assertThat(part).matches("[A-Za-z0-9_%-][A-Za-z0-9_%.-]*[+~]?").hasSizeLessThanOrEqualTo(201);
            place = place.resolve(part);
        }

        assertThat(place.normalize().toString()).isEqualTo(place.toString()).startsWith(ROOT + "/");
    }

    @Property
    void twoKeysNeverShareAPlaceNorIsOneTheFolderOfTheOther(
            @ForAll("names") String one, @ForAll("names") String other) {
        if (!one.equals(other)) {
            List<String> first = KeyPath.of(one);
            List<String> second = KeyPath.of(other);
            assertThat(first).isNotEqualTo(second);
            boolean below = first.size() < second.size()
                    && second.subList(0, first.size()).equals(first);
            assertThat(below).isFalse();
        }
    }

    @Property
    void whatWeDidNotWriteIsNoKey(@ForAll List<String> path) {
        KeyPath.nameOf(path).ifPresent(name -> assertThat(KeyPath.of(name)).isEqualTo(path));
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> awkward =
                Arbitraries.of("a", "b", "/", "//", ".", "..", "%", "%2E", "+", "~", " ", "é", "\uD83D\uDE00", "A");
        return Arbitraries.oneOf(
                awkward.list().ofMinSize(1).ofMaxSize(12).map(parts -> String.join("", parts)),
                Arbitraries.strings()
                        .alpha()
                        .withChars('/', '%', '.')
                        .ofMinLength(1)
                        .ofMaxLength(900));
    }
}
