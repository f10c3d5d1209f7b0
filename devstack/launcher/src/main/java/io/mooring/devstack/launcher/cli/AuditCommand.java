package io.mooring.devstack.launcher.cli;

import picocli.CommandLine.Command;

/** {@code ./mooring audit}. */
@Command(
        name = "audit",
        description = "The audit trail: who did what, and whether the trail is as it was written.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AuditSearchCommand.class, AuditVerifyCommand.class, AuditRotateKeyCommand.class})
final class AuditCommand {}
