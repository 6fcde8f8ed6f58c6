/**
 * TLS on any stream transport: {@link org.socketserver.tls.Tls} is the layer, and {@link org.socketserver.tls.TlsPeer}
 * the attribute that handlers read.
 */
@NullMarked
package org.socketserver.tls;

import org.jspecify.annotations.NullMarked;
