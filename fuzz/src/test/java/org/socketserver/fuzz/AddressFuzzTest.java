package org.socketserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.socketserver.api.Network;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;
import org.socketserver.unix.UnixAddress;

@Fuzzed
class AddressFuzzTest {
    @FuzzTest(maxDuration = "")
    void aTextIsAnAddressThatIsParsedFromItsOwnTextOrRefusedWithAReason(FuzzedDataProvider data) {
        String text = data.consumeRemainingAsString();
        parsed(Network::parse, text).ifPresent(AddressFuzzTest::requireSame);
        parsed(AddressText::parse, text).ifPresent(address -> requireSame(text, address));
        parsed(UnixAddress::parse, text).ifPresent(address -> requireSame(text, address));
    }

    private static <T> Optional<T> parsed(Function<String, T> parser, String text) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException refused) {
            assertFalse(refused.getMessage().isEmpty());
            return Optional.empty();
        }
    }

    private static void requireSame(Network network) {
        assertEquals(network, Network.parse(network.toString()));
        assertEquals(network.toString(), Network.parse(network.toString()).toString());
    }

    private static void requireSame(String text, InetSocketAddress address) {
        String written = AddressText.of(address);
        if (address.isUnresolved()) {
            assertTrue(text.startsWith(address.getHostString() + ':'), address.getHostString());
        }
        // A zone may have control characters, which are escaped.
        if (!address.isUnresolved() || PlainText.of(address.getHostString()).equals(address.getHostString())) {
            assertEquals(address, AddressText.parse(written), written);
        }
    }

    private static void requireSame(String text, UnixAddress address) {
        assertFalse(address.isUnnamed());
        String given = address.abstractName()
                .map(name -> "@" + name)
                .orElseGet(() -> address.path().map(Path::toString).orElseThrow());
        assertEquals(text.startsWith("@") ? text : Path.of(text).toString(), given);
        if (PlainText.of(given).equals(given)) {
            assertEquals(address, UnixAddress.parse(address.toString()));
        }
    }
}
