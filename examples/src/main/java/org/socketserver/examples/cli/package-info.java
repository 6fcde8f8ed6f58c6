/** The command line: {@link org.socketserver.examples.cli.Main}. */
@NullMarked
package org.socketserver.examples.cli;

import org.jspecify.annotations.NullMarked;
