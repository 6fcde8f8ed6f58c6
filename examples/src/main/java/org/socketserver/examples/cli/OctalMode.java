package org.socketserver.examples.cli;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the permissions of a file as {@code chmod} takes them: three octal digits, a zero before them allowed. */
final class OctalMode implements ITypeConverter<OctalMode.Permissions> {
    /** The permissions; a type of its own, because picocli takes a set for an option that is given several times. */
    record Permissions(Set<PosixFilePermission> set) {}

    @Override
    public Permissions convert(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new TypeConversionException("'" + text + "' is no file mode; write three octal digits, such as 660");
        }
        int bits = Integer.parseInt(text, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        // Declared from OWNER_READ (0400) to OTHERS_EXECUTE (0001), as the bits are.
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((bits & (0400 >> permission.ordinal())) != 0) {
                permissions.add(permission);
            }
        }
        return new Permissions(permissions);
    }
}
