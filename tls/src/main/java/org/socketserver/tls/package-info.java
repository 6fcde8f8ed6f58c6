/**
 * TLS on any stream transport: {@link org.socketserver.tls.Tls} is the layer, {@link org.socketserver.tls.TlsPeer} what
 * handlers see of it.
 */
@NullMarked
package org.socketserver.tls;

import org.jspecify.annotations.NullMarked;
