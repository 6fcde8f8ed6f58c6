package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.ServiceLoader;
import javax.security.auth.Subject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.PortableType;

class PeerCredentialsTypeTest {
    private final PeerCredentialsType type = new PeerCredentialsType();
    private final UserPrincipalLookupService principals =
            FileSystems.getDefault().getUserPrincipalLookupService();

    @TempDir
    private Path folder;

    private PeerCredentials carried(PeerCredentials peer) throws Exception {
        return type.decode(type.encode(peer));
    }

    private PeerCredentials own() throws Exception {
        PosixFileAttributes own =
                Files.readAttributes(Files.createFile(folder.resolve("own")), PosixFileAttributes.class);
        return new PeerCredentials(own.owner(), own.group(), OptionalLong.empty());
    }

    private String refused(byte... bytes) {
        return assertThrows(ProtocolException.class, () -> type.decode(bytes)).getMessage();
    }

    private static byte[] bytes(String user, String group, int... rest) {
        byte[] first = user.getBytes(StandardCharsets.UTF_8);
        byte[] second = group.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(4 + first.length + second.length + rest.length);
        bytes.putShort((short) first.length).put(first);
        bytes.putShort((short) second.length).put(second);
        for (int one : rest) {
            bytes.put((byte) one);
        }
        return bytes.array();
    }

    @Test
    void userAndGroupSurviveARoundTrip() throws Exception {
        PeerCredentials own = own();
        assertEquals(own, carried(own));
        assertEquals(own.user().getName(), carried(own).user().getName());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4_194_304, Long.MAX_VALUE, -1})
    void theProcessIdSurvivesARoundTrip(long pid) throws Exception {
        PeerCredentials own = own();
        PeerCredentials peer = new PeerCredentials(own.user(), own.group(), OptionalLong.of(pid));
        assertEquals(peer, carried(peer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1234567", "-5"})
    void aUserWithoutANameIsEncodedAsItsNumber(String number) throws Exception {
        PeerCredentials peer = new PeerCredentials(
                principals.lookupPrincipalByName(number),
                principals.lookupPrincipalByGroupName(number),
                OptionalLong.empty());
        assertEquals(peer, carried(peer));
    }

    @Test
    void anUnknownUserOrGroupIsRejectedWithItsName() throws Exception {
        PeerCredentials own = own();
        String user = own.user().getName();
        String group = own.group().getName();
        assertEquals("the user no-such-user is unknown", refused(bytes("no-such-user", group, 0)));
        assertEquals("the group no-such-group is unknown", refused(bytes(user, "no-such-group", 0)));
    }

    @Test
    void invalidBytesAreRejectedWithValueAndBounds() {
        assertEquals("peer credentials are truncated after 0 bytes", refused());
        assertEquals("the name of a user has 0 bytes; it must have from 1 to 1024", refused(bytes("", "g", 0)));
        assertEquals(
                "the name of a group has 1025 bytes; it must have from 1 to 1024",
                refused(bytes("u", "g".repeat(1_025), 0)));
        assertEquals(
                "the name of a user has 65535 bytes; it must have from 1 to 1024", refused((byte) 0xff, (byte) 0xff));
        assertEquals("the name of a user contains NUL", refused(bytes("root\0x", "g", 0)));
        assertEquals("the name of a user is not UTF-8", refused((byte) 0, (byte) 1, (byte) 0xc3));
        assertEquals("the flag before the process id is 2; it must be 0 or 1", refused(bytes("u", "g", 2)));
        assertEquals("peer credentials have 8 bytes, 1 too many", refused(bytes("u", "g", 0, 9)));
        assertEquals("peer credentials are truncated after 14 bytes", refused(bytes("u", "g", 1, 0, 0, 0, 0, 0, 0, 0)));
    }

    @Test
    void anEmptyOrTooLongNameIsRejected() throws Exception {
        record Name(String getName) implements GroupPrincipal {
            @Override
            public boolean implies(Subject subject) {
                return false;
            }
        }
        UserPrincipal user = own().user();
        for (int length : new int[] {0, 1_025}) {
            PeerCredentials peer = new PeerCredentials(user, new Name("x".repeat(length)), OptionalLong.empty());
            assertEquals(
                    "the name of a group has " + length + " bytes; it must have from 1 to 1024",
                    assertThrows(IllegalArgumentException.class, () -> type.encode(peer))
                            .getMessage());
        }
    }

    @Test
    void randomBytesAreCredentialsOrAProtocolException() throws Exception {
        PeerCredentials own = own();
        byte[] good = type.encode(new PeerCredentials(own.user(), own.group(), OptionalLong.of(7)));
        Random random = new Random(20_260_101);
        int credentials = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(3) > 0 ? good.length : random.nextInt(40));
            for (int i = random.nextInt(3); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                type.decode(bytes);
                credentials++;
            } catch (ProtocolException refused) {
                continue;
            } catch (RuntimeException defect) {
                throw new AssertionError(Arrays.toString(bytes), defect);
            }
        }
        assertTrue(credentials > 100, credentials + " credentials");
    }

    @Test
    void theServiceLoaderFindsTheType() {
        Map<Class<?>, String> found = new HashMap<>();
        for (PortableType<?> known : ServiceLoader.load(PortableType.class)) {
            found.put(known.type(), known.name());
        }
        assertEquals("peer-credentials", found.get(PeerCredentials.class));
    }
}
