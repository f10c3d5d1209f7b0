package io.mooring.e2e;

import io.mooring.agent.Schemas;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a whole cloud: every process there is, with the demo's schema. It is started by the first test that asks, and
 * shared by all of the run; a test names its own devices and products, so none disturbs another.
 */
final class WholeCloud implements ParameterResolver {
    /** What tests of it lock that kill its processes or exchange its keys, and those that bear neither while beside others. */
    static final String PROCESSES = "the processes of the whole cloud";

    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(WholeCloud.class);

    /** The running cloud, and where its traces go. */
    private record Running(LocalCloud cloud, TraceCollector traces) implements AutoCloseable {
        @Override
        public void close() {
            cloud.close();
            traces.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == CloudAccess.class || type == LocalCloud.class || type == TraceCollector.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running running =
                context.getRoot().getStore(HERE).computeIfAbsent(Running.class, key -> start(), Running.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == TraceCollector.class) {
            return running.traces();
        }
        return type == LocalCloud.class ? running.cloud() : running.cloud().access();
    }

    private static Running start() {
        try {
            TraceCollector traces = new TraceCollector();
            Running running = new Running(LocalCloud.start(traces.endpoint()), traces);
            try (OperatorApi operator = new OperatorApi(running.cloud().access())) {
                operator.putSchema("main", Schemas.demoSource());
                return running;
            } catch (Exception failed) {
                running.close();
                throw failed;
            }
        } catch (Exception failed) {
            throw new IllegalStateException("the whole cloud could not be started with the demo's schema", failed);
        }
    }
}
