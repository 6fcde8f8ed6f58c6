package org.socketserver.mixins.forking.parent;

import java.io.IOException;

/** A process that creates a folder for workers, prints a path in it, and runs until its input ends. */
final class FolderHolder {
    private FolderHolder() {}

    public static void main(String[] args) throws IOException {
        ControlFolder folder = ControlFolder.make();
        System.out.println(folder.next());
        System.in.read();
        folder.remove();
    }
}
