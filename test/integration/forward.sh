# shellcheck shell=sh
# Switches a kernel setting on, for the example of HostScript. Variable: NAME.

check() { :; }

up() { sysctl -w "${NAME:?}=1"; }

down() { :; }
