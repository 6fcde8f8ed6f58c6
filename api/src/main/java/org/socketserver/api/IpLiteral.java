package org.socketserver.api;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads IP addresses written in digits, and never looks up a name.
 *
 * <p>Strict where the JDK is not: other forms than these mean other addresses to other programs (RFC 6943, section 3.1.1).
 */
final class IpLiteral {
    private static final String NUMBER = "(0|[1-9][0-9]{0,2})";
    private static final Pattern IPV4 = Pattern.compile(String.join("\\.", NUMBER, NUMBER, NUMBER, NUMBER));
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    private IpLiteral() {}

    /**
     * Reads one address: four decimal numbers without leading zeros, or a form of RFC 4291, section 2.2, without a zone.
     *
     * @param text the address
     * @return its 4 or 16 bytes, 16 also if IPv6 maps an IPv4 address; empty if the text is none
     */
    static Optional<byte[]> parse(String text) {
        byte[] bytes = new byte[16];
        if (text.indexOf(':') < 0) {
            return ipv4(text, bytes, 0) ? Optional.of(Arrays.copyOf(bytes, 4)) : Optional.empty();
        }
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, bytes, true) == 16 ? Optional.of(bytes) : Optional.empty();
        }
        byte[] end = new byte[16];
        int before = groups(text.substring(0, gap), bytes, false);
        int after = groups(text.substring(gap + 2), end, true);
        // The gap stands for one group or more.
        if (before < 0 || after < 0 || before + after > 14) {
            return Optional.empty();
        }
        System.arraycopy(end, 0, bytes, 16 - after, after);
        return Optional.of(bytes);
    }

    /** Reads what stands on one side of a gap; gives the number of bytes, or -1. */
    private static int groups(String text, byte[] target, boolean last) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] groups = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < groups.length; i++) {
            if (last && i == groups.length - 1 && count <= 12 && ipv4(groups[i], target, count)) {
                return count + 4;
            }
            if (count == 16 || !GROUP.matcher(groups[i]).matches()) {
                return -1;
            }
            int group = Integer.parseInt(groups[i], 16);
            target[count++] = (byte) (group >> 8);
            target[count++] = (byte) group;
        }
        return count;
    }

    private static boolean ipv4(String text, byte[] target, int at) {
        Matcher numbers = IPV4.matcher(text);
        if (!numbers.matches()) {
            return false;
        }
        for (int i = 0; i < 4; i++) {
            int number = Integer.parseInt(numbers.group(i + 1));
            if (number > 255) {
                return false;
            }
            target[at + i] = (byte) number;
        }
        return true;
    }
}
