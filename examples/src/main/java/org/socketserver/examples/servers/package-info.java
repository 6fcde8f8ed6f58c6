/** What a server is made of when it is chosen by words: transport, address, where requests run. */
@NullMarked
package org.socketserver.examples.servers;

import org.jspecify.annotations.NullMarked;
