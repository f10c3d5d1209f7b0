package io.mooring.contracts.schema;

import java.util.List;
import java.util.stream.Collectors;

/** A schema cannot be used; it says everything that is wrong, not only the first. */
public final class SchemaException extends RuntimeException {
    private final transient List<SchemaProblem> problems;

    public SchemaException(List<SchemaProblem> problems) {
        super(problems.stream().map(SchemaProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<SchemaProblem> problems() {
        return problems;
    }
}
