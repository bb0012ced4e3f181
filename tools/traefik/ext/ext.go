// Package ext stands for a module of Traefik's that is not published: the extension points of its dynamic
// configuration, without any extension.
package ext

// HTTP extends nothing.
type HTTP struct{}

// Router extends nothing.
type Router struct{}
