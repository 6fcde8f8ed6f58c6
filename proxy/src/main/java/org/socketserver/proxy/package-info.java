/**
 * The PROXY protocol as a layer of a stream server: {@link org.socketserver.proxy.ProxyProtocol}.
 *
 * <p>Sections in this package's documentation are those of HAProxy's specification, <a
 * href="https://github.com/haproxy/haproxy/blob/master/doc/proxy-protocol.txt">proxy-protocol.txt</a>.
 */
@NullMarked
package org.socketserver.proxy;

import org.jspecify.annotations.NullMarked;
