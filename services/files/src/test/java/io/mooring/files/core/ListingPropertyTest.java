package io.mooring.files.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ListingPropertyTest {
    @Property
    void pagesShowEverythingOnceAndInOrder(
            @ForAll("keys") Set<String> keys,
            @ForAll("prefixes") String prefix,
            @ForAll boolean delimited,
            @ForAll @IntRange(min = 1, max = 5) int size)
            throws Refused {
        String delimiter = delimited ? "/" : "";
        List<String> sorted = new ArrayList<>(keys);
        sorted.sort(Listing.ORDER);
        Set<String> wanted = new TreeSet<>(Listing.ORDER);
        for (String key : sorted) {
            if (key.startsWith(prefix)) {
                int slash = delimited ? key.indexOf('/', prefix.length()) : -1;
                wanted.add(slash < 0 ? key : key.substring(0, slash + 1));
            }
        }

        List<String> shown = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Listing.Page<String> page = Listing.of(sorted, new Listing.Query(prefix, delimiter, "", token.get(), size));
            assertThat(page.objects().size() + page.commonPrefixes().size()).isLessThanOrEqualTo(size);
            shown.addAll(page.objects());
            shown.addAll(page.commonPrefixes());
            token = page.nextToken();
        }

        shown.sort(Listing.ORDER);
        assertThat(shown).containsExactlyElementsOf(wanted);
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        return Arbitraries.strings()
                .withChars("ab/-é")
                .ofMinLength(1)
                .ofMaxLength(5)
                .set()
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> prefixes() {
        return Arbitraries.of("", "a", "a/", "b/a", "é");
    }
}
