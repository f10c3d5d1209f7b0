package io.mooring.devstack.launcher.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.devstack.launcher.process.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    private Path temporary;

    @Test
    void isMadeWhereNothingIs() {
        Path path = temporary.resolve("a/b");
        try (DataFolder folder = DataFolder.take(path)) {
            assertThat(folder.isNew()).isTrue();
        }
        try (DataFolder folder = DataFolder.take(path)) {
            assertThat(folder.isNew()).isFalse();
        }
    }

    @Test
    void belongsToOneLauncherAtATime() {
        try (DataFolder folder = DataFolder.take(temporary)) {
            assertThat(folder.isRunning()).isTrue();
            assertThatThrownBy(() -> DataFolder.take(temporary))
                    .isInstanceOf(StartException.class)
                    .hasMessage("another launcher runs the cloud in " + temporary
                            + ": stop it, or choose another folder with --data");
        }
        DataFolder.take(temporary).close();
        assertThat(DataFolder.look(temporary).isRunning()).isFalse();
    }

    @Test
    void isNeverAFolderWithOtherThingsInIt() throws Exception {
        Files.writeString(temporary.resolve("thesis.txt"), "irreplaceable");

        assertThatThrownBy(() -> DataFolder.take(temporary))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("holds other things (thesis.txt)");
        assertThat(temporary.resolve("secrets")).doesNotExist();
    }

    @Test
    void isNoFile() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "");

        assertThatThrownBy(() -> DataFolder.take(file)).hasMessage("the data folder " + file + " is a file");
    }

    @Test
    void isOfThisVersion() throws Exception {
        Files.writeString(temporary.resolve("mooring-data"), "99\n");

        assertThatThrownBy(() -> DataFolder.take(temporary)).hasMessageContaining("made by another version");
    }

    @Test
    void isBrokenWithoutTheSecretsThatOpenItsDatabase() throws Exception {
        DataFolder.take(temporary).close();
        Files.createDirectories(temporary.resolve("postgresql"));
        assertThatThrownBy(() -> DataFolder.take(temporary)).hasMessageContaining("is not a PostgreSQL database");

        Files.writeString(temporary.resolve("postgresql/PG_VERSION"), "18\n");
        DataFolder.take(temporary).close();
        Files.delete(temporary.resolve("secrets/role-postgres"));
        assertThatThrownBy(() -> DataFolder.take(temporary))
                .hasMessageContaining("broken")
                .hasMessageContaining("secrets/role-postgres is missing");
        // Refused, so not held either.
        assertThat(DataFolder.look(temporary).isRunning()).isFalse();
    }

    @Test
    void keepsSecretsToItself() throws Exception {
        try (DataFolder folder = DataFolder.take(temporary)) {
            String password = folder.secrets().operatorPassword();
            assertThat(password).hasSize(32).matches("[A-Za-z0-9_-]+");
            assertThat(folder.secrets().operatorToken()).isNotEqualTo(password);
            assertThat(Base64.getDecoder().decode(folder.secrets().certificatesMasterKey()))
                    .hasSize(32);

            Path file = temporary.resolve("secrets/operator-password");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                    .isEqualTo("rwx------");
            assertThat(DataFolder.look(temporary).secrets().operatorPassword()).isEqualTo(password);
        }
    }

    @Test
    void isNotLookedIntoWhereNoCloudIs() {
        assertThatThrownBy(() -> DataFolder.look(temporary)).hasMessageContaining("there is no Mooring cloud in");
    }
}
