package org.socketserver.examples.cli;

import picocli.CommandLine.IVersionProvider;

/** Tells the version of the jar, and of the Java that runs it. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "socketserver for Java " + (version == null ? "(not from a jar)" : version) + ", Java " + Runtime.version()
        };
    }
}
