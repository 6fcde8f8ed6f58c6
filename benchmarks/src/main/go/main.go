// An echo server on Go's net package, with one goroutine per connection.
//
//	go_echo TRANSPORT HANDLER BUFFER [PATH]
//
// TRANSPORT is tcp, udp or unix; HANDLER is echo or line. Writes "port N" or "path P" when clients can connect.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
)

func main() {
	transport, handler := os.Args[1], os.Args[2]
	size, err := strconv.Atoi(os.Args[3])
	check(err)
	if transport == "udp" {
		packets()
		return
	}
	address := "127.0.0.1:0"
	if transport == "unix" {
		address = os.Args[4]
	}
	listener, err := net.Listen(transport, address)
	check(err)
	if transport == "unix" {
		fmt.Println("path " + address)
	} else {
		fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	}
	for {
		connection, err := listener.Accept()
		check(err)
		if handler == "line" {
			go line(connection)
		} else {
			go echo(connection, size)
		}
	}
}

func echo(connection net.Conn, size int) {
	defer connection.Close()
	buffer := make([]byte, size)
	for {
		count, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:count]); err != nil {
			return
		}
	}
}

func line(connection net.Conn) {
	defer connection.Close()
	if text, err := bufio.NewReader(connection).ReadBytes('\n'); err == nil {
		connection.Write(text)
	}
}

func packets() {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(err)
	fmt.Printf("port %d\n", socket.LocalAddr().(*net.UDPAddr).Port)
	buffer := make([]byte, 65536)
	for {
		count, peer, err := socket.ReadFromUDPAddrPort(buffer)
		check(err)
		socket.WriteToUDPAddrPort(buffer[:count], peer)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
