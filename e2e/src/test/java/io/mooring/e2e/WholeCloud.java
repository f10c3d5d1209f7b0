package io.mooring.e2e;

import io.mooring.agent.Schemas;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a whole cloud: every process there is, on free ports, with the demo's schema. It is started by the first
 * test that asks, and shared by all of the run; a test names its own devices and products, so none disturbs another.
 */
final class WholeCloud implements ParameterResolver {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(WholeCloud.class);

    /** The running cloud, and how to get in. */
    private record Running(Devstack stack, CloudAccess access) implements AutoCloseable {
        @Override
        public void close() {
            stack.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == CloudAccess.class || type == Devstack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running running =
                context.getRoot().getStore(HERE).computeIfAbsent(Running.class, key -> start(), Running.class);
        return parameter.getParameter().getType() == Devstack.class ? running.stack() : running.access();
    }

    /** How to get into a cloud. */
    static CloudAccess access(Devstack stack) {
        return new CloudAccess(
                stack.url(Component.PROVISIONING),
                stack.url(Component.PROVISIONING),
                stack.authorityFile(),
                stack.secrets().operatorToken(),
                stack.jdbcUrl(),
                "mooring_operator",
                stack.password("mooring_operator"),
                stack.bootstrapServers(),
                stack.url(Component.SYNC),
                stack.secrets().serviceToken("launcher", "sync"));
    }

    private static Running start() {
        Devstack stack = Devstack.builder().brief().with(Component.values()).start();
        try {
            CloudAccess access = access(stack);
            try (OperatorApi operator = new OperatorApi(access)) {
                operator.putSchema("main", Schemas.demoSource());
            }
            return new Running(stack, access);
        } catch (Exception e) {
            stack.close();
            throw new IllegalStateException("the cloud was started, but did not take the demo's schema", e);
        }
    }
}
