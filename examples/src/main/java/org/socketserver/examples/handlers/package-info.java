/** The handlers that the command line serves by name: {@link org.socketserver.examples.handlers.BuiltIn}. */
@NullMarked
package org.socketserver.examples.handlers;

import org.jspecify.annotations.NullMarked;
