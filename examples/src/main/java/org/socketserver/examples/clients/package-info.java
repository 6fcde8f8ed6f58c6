/** The other end: plain sockets that talk to servers. */
@NullMarked
package org.socketserver.examples.clients;

import org.jspecify.annotations.NullMarked;
